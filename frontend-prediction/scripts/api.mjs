// Writes src/api/schema.d.ts from the backend's OpenAPI document; no server needs to run.
// With --check nothing is written: it fails where the committed file is not what would be written.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";

const project = fileURLToPath(new URL("../..", import.meta.url));
const target = fileURLToPath(new URL("../src/api/schema.d.ts", import.meta.url));

const python = [process.env.PYTHON, join(project, ".venv/bin/python"), join(project, ".venv/Scripts/python.exe")].find(
  (path) => path && existsSync(path),
);
if (!python) {
  console.error("The OpenAPI document is made by Python: run 'make install' first, or set PYTHON to an interpreter.");
  process.exit(1);
}
const made = spawnSync(python, ["-m", "backend.api.openapi_document"], {
  cwd: project,
  env: { ...process.env, PYTHONPATH: [project, process.env.PYTHONPATH].filter(Boolean).join(delimiter) },
  encoding: "utf8",
  maxBuffer: 64 * 1024 * 1024,
});
if (made.status !== 0) {
  console.error(`The OpenAPI document could not be made:\n${made.stderr}`);
  process.exit(1);
}
const text = COMMENT_HEADER + astToString(await openapiTS(JSON.parse(made.stdout)));
if (!process.argv.includes("--check")) {
  writeFileSync(target, text);
} else if (readFileSync(target, "utf8") !== text) {
  console.error("src/api/schema.d.ts is not what the backend offers now; run 'npm run api' and commit it.");
  process.exit(1);
}
