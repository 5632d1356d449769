// What the lesson tests share: making a lesson with the real program, reading it.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, "../../..");
export const build = resolve(process.env.TAKT_BUILD ?? join(root, "build"));
export const maker = join(build, "src/makers/lesson/takt-maker-lesson");

// Files of the tests (lessons, screenshots) are below this folder of the build.
export const out = join(build, "tests/makers/lesson");

// What the maker's own checks are run with.
export const modules = join(root, "node_modules");

export const specPath = (name) => join(here, "specs", `${name}.json`);
export const readSpec = (name) => JSON.parse(readFileSync(specPath(name), "utf8"));

// Makes the lesson of a spec and gives its folder.
export function generate(name, as = name) {
  assert.ok(existsSync(maker), `${maker} is not built; TAKT_BUILD names the build folder`);
  const folder = join(out, as);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  execFileSync(maker, ["--generate", specPath(name), folder]);
  return folder;
}

export function check(folder, env = process.env) {
  const result = spawnSync(maker, ["--check", folder], { encoding: "utf8", env });
  return { code: result.status, text: result.stdout + result.stderr };
}
