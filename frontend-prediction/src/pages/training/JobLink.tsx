import { Link } from "@tanstack/react-router";
import classes from "./training.module.css";

/** A job's id, leading to its page. */
export function JobLink({ jobId }: { jobId: string }) {
  return (
    <Link to={`/training/${jobId}`} className={classes.link}>
      {jobId}
    </Link>
  );
}
