import access from "./access";
import dashboard from "./dashboard";
import frame from "./frame";
import gate from "./gate";
import logs from "./logs";
import metrics from "./metrics";
import models from "./models";
import predict from "./predict";
import problems from "./problems";
import quality from "./quality";
import shared from "./shared";
import standards from "./standards";
import system from "./system";
import training from "./training";
import words from "./words";

/* One namespace per page, beside those that all pages use. Korean is the source: its keys are the type. */
const korean = {
  access,
  frame,
  shared,
  metrics,
  predict,
  problems,
  words,
  dashboard,
  quality,
  standards,
  training,
  models,
  logs,
  gate,
  system,
};

export type Korean = typeof korean;
export default korean;
