import { expect, test } from "vitest";
import { movedTo } from "./old_addresses";

test.each([
  ["#/quality-monitor", "/quality"],
  ["#/training-monitor", "/training"],
  ["#/training-settings?tab=1", "/settings"],
  ["#/log-viewer/x", "/logs"],
  ["#content", null],
  ["#/constructor", null],
  ["", null],
])("%s leads to %s", (hash, path) => expect(movedTo(hash)).toBe(path));
