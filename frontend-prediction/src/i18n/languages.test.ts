import { expect, test } from "vitest";
import english from "./en";
import englishSettings from "./en/settings";
import korean from "./ko";
import koreanSettings from "./ko/settings";

/** Every text by its path, plural forms taken together. */
function texts(branch: object, path = ""): [string, string][] {
  return Object.entries(branch).flatMap(([key, value]) => {
    const here = path ? `${path}.${key}` : key;
    return typeof value === "string" ? [[here, value] as [string, string]] : texts(value, here);
  });
}
const stem = (key: string) => key.replace(/_(one|other)$/, "");
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

const ko = texts({ ...korean, settings: koreanSettings });
const en = texts({ ...english, settings: englishSettings });

test("both languages have the same keys", () => {
  expect(new Set(en.map(([key]) => stem(key)))).toEqual(new Set(ko.map(([key]) => stem(key))));
});

test("a text names the same values in both languages", () => {
  const inKorean = Object.fromEntries(ko.map(([key, text]) => [stem(key), placeholders(text)]));
  for (const [key, text] of en) expect(placeholders(text), key).toEqual(inKorean[stem(key)]);
});

test("no text is empty, and no English text holds Korean", () => {
  for (const [key, text] of [...ko, ...en]) expect(text.trim(), key).not.toBe("");
  for (const [key, text] of en) expect(text, key).not.toMatch(/[가-힣]/);
});
