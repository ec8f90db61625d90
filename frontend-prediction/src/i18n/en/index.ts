import type { Korean } from "../ko";
import type { Translation } from "../translation";
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

const english: Translation<Korean> = {
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

export default english;
