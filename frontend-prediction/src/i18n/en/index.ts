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
import users from "./users";
import words from "./words";

const english: Translation<Omit<Korean, "settings">> = {
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

export default english;
