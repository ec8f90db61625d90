import dashboard from "./dashboard";
import frame from "./frame";
import gate from "./gate";
import logs from "./logs";
import metrics from "./metrics";
import models from "./models";
import problems from "./problems";
import shared from "./shared";
import system from "./system";
import training from "./training";
import words from "./words";

/* One namespace per page, beside those that all pages use. Korean is the source: its keys are the type. */
const korean = { frame, shared, metrics, problems, words, dashboard, training, models, logs, gate, system };

export type Korean = typeof korean;
export default korean;
