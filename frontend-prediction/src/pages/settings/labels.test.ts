import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import english from "@/i18n/en/settings";
import korean from "@/i18n/ko/settings";

/** The keys of the shipped example, which the backend's tests hold to be all that there are. */
function keysOfTheExample(): string[] {
  const text = readFileSync("../config/iter_training.yaml.example", "utf8");
  let section = "";
  return text.split("\n").flatMap((line) => {
    section = /^(\w+):/.exec(line)?.[1] ?? section;
    const key = /^ {2}(\w+): /.exec(line)?.[1];
    return key ? [`${section}.${key}`] : [];
  });
}

test.each([
  ["Korean", korean],
  ["English", english],
])("every setting has a label and a sentence in %s, and none is left over", (_language, texts) => {
  const keys = Object.entries(texts.keys).flatMap(([section, part]) =>
    Object.keys(part).map((key) => `${section}.${key}`),
  );

  expect(keys.sort()).toEqual(keysOfTheExample().sort());
  expect(Object.keys(texts.sections).sort()).toEqual(Object.keys(texts.keys).sort());
});
