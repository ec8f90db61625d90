import type { Korean } from "../ko";
import type { Translation } from "../translation";
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

const english: Translation<Korean> = {
  frame,
  shared,
  metrics,
  problems,
  words,
  dashboard,
  training,
  models,
  logs,
  gate,
  system,
};

export default english;
