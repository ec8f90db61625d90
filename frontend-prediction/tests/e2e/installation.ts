import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/* A small installation of its own for the browser tests: a demo plant, a model, an evaluation, and its real server. */

/** E2E_PORT names another where this one is taken. */
export const E2E_PORT = Number(process.env.E2E_PORT ?? 8765);
const project = fileURLToPath(new URL("../../..", import.meta.url));
const folder = fileURLToPath(new URL("../../.e2e", import.meta.url));
const prepared = join(folder, "prepared");
const used = join(folder, "used");

const python =
  process.env.PYTHON ??
  [".venv/bin/python", ".venv/Scripts/python.exe"]
    .map((path) => join(project, path))
    .find((path) => existsSync(path)) ??
  "python3";

function environment(root: string): NodeJS.ProcessEnv {
  return { ...process.env, ROUTING_ML_ROOT: root, PYTHONPATH: project, PYTHONIOENCODING: "utf-8" };
}

function routingMl(root: string, ...command: string[]): void {
  routingMlWith("", root, ...command);
}

function routingMlWith(input: string, root: string, ...command: string[]): void {
  const program = ["-c", "from backend.cli import main; main()", ...command];
  const ended = spawnSync(python, program, { cwd: project, env: environment(root), encoding: "utf8", input });
  if (ended.status !== 0) throw new Error(`routing-ml ${command.join(" ")} failed:\n${ended.stdout}\n${ended.stderr}`);
}

/** Make the installation once, and again after a change of the backend; every run starts from a fresh copy. */
export function prepareInstallation(): void {
  const done = join(prepared, "data", "evaluated");
  if (!existsSync(done) || statSync(done).mtimeMs < newestSource()) {
    rmSync(prepared, { recursive: true, force: true });
    mkdirSync(prepared, { recursive: true });
    routingMl(prepared, "demo", "--items", "400");
    routingMl(prepared, "train");
    routingMl(prepared, "evaluate");
    mkdirSync(done);
  }
  rmSync(used, { recursive: true, force: true });
  cpSync(prepared, used, { recursive: true });
}

function newestSource(): number {
  const files = ["backend", "config", "migrations"].flatMap((name) =>
    readdirSync(join(project, name), { recursive: true, encoding: "utf8" }).map((file) => join(project, name, file)),
  );
  return Math.max(...files.filter((file) => /\.(py|sql|yaml)$/.test(file)).map((file) => statSync(file).mtimeMs));
}

/** Add a user to the used installation. */
export function addUser(name: string, role: string, password: string): void {
  routingMlWith(`${password}\n`, used, "users", "add", name, "--role", role, "--password-stdin");
}

/** Whom the next server of the used installation believes without credentials. */
export function useLocalTrust(trust: "operator" | "off"): void {
  mkdirSync(join(used, "config"), { recursive: true });
  writeFileSync(join(used, "config", "iter_training.yaml"), `security:\n  local_trust: "${trust}"\n`);
}

/** Bring the used installation back to the time before its first user; a server must not run meanwhile. */
export function removeCredentials(): void {
  const files = ["data/state.db", "data/state.db-wal", "data/state.db-shm", "config/iter_training.yaml"];
  for (const file of files) rmSync(join(used, file), { force: true });
  cpSync(join(prepared, "data", "state.db"), join(used, "data", "state.db"));
}

/** The server of the used installation; a test may kill it and start it again. */
export async function startServer(): Promise<ChildProcess> {
  if (await answers())
    throw new Error(`another server answers on port ${E2E_PORT}: stop it, or name a port in E2E_PORT`);
  const command = ["-m", "uvicorn", "backend.api.main:app", "--port", String(E2E_PORT), "--log-level", "warning"];
  const server = spawn(python, command, { cwd: project, env: environment(used), stdio: "ignore" });
  await serverAnswers(server);
  return server;
}

export async function stopServer(server: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill(signal);
  await ended;
}

async function serverAnswers(server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`the server ended with exit code ${server.exitCode}`);
    if (await answers()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the server did not answer within 90 s");
}

async function answers(): Promise<boolean> {
  const answered = await fetch(`http://127.0.0.1:${E2E_PORT}/health`).catch(() => null);
  return answered?.ok ?? false;
}
