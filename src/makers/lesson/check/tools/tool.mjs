// What the ecosystem checks share: their call, their answer, and npm packages found where they are.
//
//   node CHECK.mjs LESSON NODE_MODULES
//
// prints {"evidence": text, "findings": [{"place", "text"}]} and ends with 0, whatever it found; a package
// that is not there ends it with 3 and its name on stderr.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const EXIT_MISSING = 3;
const FINDINGS_MAX = 100;

export class Missing extends Error {}

// A file of a package; `Missing` when it is not installed.
export function packageFile(modules, name, file) {
  const path = resolve(modules, name, file);
  if (!existsSync(path)) throw new Missing(name);
  return path;
}

export async function importPackage(modules, name, file) {
  return await import(pathToFileURL(packageFile(modules, name, file)));
}

export const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

// Runs a check as a program. `check(lesson, modules, add)` calls add(place, text) and returns the evidence.
export async function run(check) {
  const [lesson, modules] = process.argv.slice(2);
  const findings = [];
  const add = (place, text) => findings.length < FINDINGS_MAX && findings.push({ place, text });
  try {
    const evidence = await check(lesson, modules, add);
    process.stdout.write(JSON.stringify({ evidence, findings }));
  } catch (error) {
    if (error instanceof Missing) {
      process.stderr.write(error.message);
      process.exitCode = EXIT_MISSING;
    } else {
      add("game", `the check could not go on: ${error?.message ?? error}`.slice(0, 1000));
      process.stdout.write(JSON.stringify({ evidence: "", findings }));
    }
  }
}

export const isMain = (url) => process.argv[1] !== undefined && url === pathToFileURL(process.argv[1]).href;
