import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { describeProblem } from "@/shared/describe_problem";
import { formatMoment } from "@/shared/format";
import { Icon } from "@/shared/icons";
import classes from "./states.module.css";

interface Props {
  error: unknown;
  /** When the data that is still shown was received: milliseconds. */
  since: number;
  retry: () => void;
}

/** Says that what stands below is old, since when, and why. */
export function StaleNotice({ error, since, retry }: Props) {
  const { t } = useTranslation("shared");
  const { t: words } = useTranslation("problems");
  const moment = formatMoment(new Date(since).toISOString(), { seconds: true });
  return (
    <div role="status" className={classes.stale}>
      <Icon name="alert" />
      <span>
        {describeProblem(error, words).cause}. {t("staleSince", { moment })}
      </span>
      <Button size="compact-sm" variant="default" onClick={retry}>
        {t("retry")}
      </Button>
    </div>
  );
}
