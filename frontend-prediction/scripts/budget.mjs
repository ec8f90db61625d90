// Fails the build where a first visit loads more than 200 KB of script or 40 KB of style (gzipped), or chart code.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const LIMITS_KB = { js: 200, css: 40 };
const LAZY_ONLY = ["recharts", "@xyflow"];

/** Everything a first visit to the dashboard loads: the entry, its language, the page, and what they import. */
const firstLoad = ["index.html", "src/pages/dashboard/page.tsx", "src/i18n/ko/index.ts"];
const files = new Set();
const visit = (key) => {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`${key} is not in the build's manifest; scripts/budget.mjs names what is loaded first`);
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const file of chunk.css ?? []) files.add(file);
  for (const imported of chunk.imports ?? []) visit(imported);
};
firstLoad.forEach(visit);

let failed = false;
for (const [kind, limit] of Object.entries(LIMITS_KB)) {
  const bytes = [...files].filter((name) => name.endsWith(`.${kind}`)).map((name) => readFileSync(new URL(name, dist)));
  const kb = bytes.reduce((sum, content) => sum + gzipSync(content).length, 0) / 1024;
  console.log(`First load, ${kind}: ${kb.toFixed(1)} KB gzipped of at most ${limit}`);
  failed ||= kb > limit;
}
const lazy = [...files].filter((name) => LAZY_ONLY.some((one) => name.includes(one)));
if (lazy.length > 0) console.error(`Loaded at first although it must be lazy: ${lazy.join(", ")}`);
if (failed || lazy.length > 0) process.exit(1);
