import type { Korean } from "../ko";
import type { Translation } from "../translation";
import dashboard from "./dashboard";
import frame from "./frame";
import metrics from "./metrics";
import predict from "./predict";
import problems from "./problems";
import shared from "./shared";
import system from "./system";
import words from "./words";

const english: Translation<Korean> = { frame, shared, metrics, predict, problems, words, dashboard, system };

export default english;
