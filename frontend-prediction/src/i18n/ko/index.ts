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
import type settings from "./settings";
import shared from "./shared";
import standards from "./standards";
import system from "./system";
import training from "./training";
import users from "./users";
import words from "./words";

/* One namespace per page, beside those that all pages use. Korean is the source: its keys are the type. */
const korean = {
  access,
  frame,
  shared,
  metrics,
  predict,
  problems,
  users,
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

/** Texts that are loaded with their page alone, because they are many; i18n/index.ts names their files. */
interface Later {
  settings: typeof settings;
}

export type Korean = typeof korean & Later;
export default korean;
