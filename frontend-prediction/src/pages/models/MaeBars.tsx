import classes from "./models.module.css";

interface Props {
  left: number | null | undefined;
  right: number | null | undefined;
  /** What the full width means. */
  largest: number;
}

/** The numbers beside it as bars: the first hollow, the second filled, so that they are told apart in grey too. */
export function MaeBars({ left, right, largest }: Props) {
  return (
    <span className={classes.bars} aria-hidden="true">
      {left != null && <span data-side="left" style={{ width: `${(100 * left) / largest}%` }} />}
      {right != null && <span data-side="right" style={{ width: `${(100 * right) / largest}%` }} />}
    </span>
  );
}
