import classes from "./shared.module.css";

export type Tone = "good" | "warning" | "bad" | "neutral";

/** A state in words, with a mark whose shape differs too, so that nothing rests on colour alone. */
export function StateWord({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={classes.stateWord} data-tone={tone}>
      <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true" focusable="false">
        {MARKS[tone]}
      </svg>
      {children}
    </span>
  );
}

const MARKS = {
  good: <circle cx="5" cy="5" r="4" fill="currentColor" />,
  warning: <path d="M5 .8 9.5 9H.5z" fill="currentColor" />,
  bad: <path d="M1 1h8v8H1z" fill="currentColor" />,
  neutral: <circle cx="5" cy="5" r="3.3" fill="none" stroke="currentColor" strokeWidth="1.4" />,
};
