import type { Korean } from "../ko";
import type { Translation } from "../translation";
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

const english: Translation<Korean> = {
  frame,
  shared,
  metrics,
  predict,
  problems,
  words,
  dashboard,
  quality,
  standards,
  system,
};

export default english;
