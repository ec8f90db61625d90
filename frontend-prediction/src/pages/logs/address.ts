import { oneOf, type Param, text } from "@/shared/url_state";
import { LEVELS, SOURCES } from "./queries";

const moment: Param<string> = {
  fallback: "",
  read: (found) => (Number.isNaN(Date.parse(found)) ? null : found),
  write: (value) => value,
};

/** What of this page stands in its address. */
export const ADDRESS = {
  source: oneOf(SOURCES, "app"),
  level: oneOf(["", ...LEVELS], ""),
  text: text(),
  since: moment,
  until: moment,
};
