import dashboard from "./dashboard";
import frame from "./frame";
import metrics from "./metrics";
import predict from "./predict";
import problems from "./problems";
import quality from "./quality";
import shared from "./shared";
import standards from "./standards";
import system from "./system";
import words from "./words";

/* One namespace per page, beside those that all pages use. Korean is the source: its keys are the type. */
const korean = { frame, shared, metrics, predict, problems, words, dashboard, quality, standards, system };

export type Korean = typeof korean;
export default korean;
