// The program's two modes for people: what they print, and how they end.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { check, generate, maker, out, root, specPath } from "./lesson.mjs";

const bin = join(root, "node_modules/.bin");
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
delete env.TAKT_STYLUA;

for (const name of ["six-types", "hostile"]) {
  test(`${name}: every check passes, StyLua's too`, () => {
    const { code, text } = check(generate(name, `check-${name}`), env);
    assert.equal(code, 0, text);
    for (const line of text.trim().split("\n")) assert.match(line, /^pass /);
    assert.match(text, /^pass +stylua/m);
  });
}

test("a changed file is found, and named", () => {
  const folder = generate("six-types", "check-changed");
  appendFileSync(join(folder, "exports/questions.gift"), "\n::q9::[plain]More? {T}\n");
  const { code, text } = check(folder, env);
  assert.equal(code, 1);
  assert.match(text, /^FAIL +gift/m);
  assert.match(text, /^FAIL +manifest/m);
  assert.match(text, /exports\/questions\.gift/);
});

test("without StyLua its check was not run, and says so", () => {
  const folder = generate("six-types", "check-missing");
  const { code, text } = check(folder, { ...env, TAKT_STYLUA: "/nonexistent/stylua" });
  assert.equal(code, 0, text);
  assert.match(text, /^not run +stylua +not run: tool missing \(stylua\)$/m);
});

test("a wrong call or a wrong spec makes nothing", () => {
  const folder = join(out, "never-made");
  const bad = join(out, "bad.json");
  writeFileSync(bad, '{"format":"takt.lesson/1"}');
  for (const args of [[], ["--generate"], ["--generate", bad, folder], ["--generate", "/nonexistent", folder],
    ["--check", "/nonexistent"], ["--check", out, "more"], ["--generate", specPath("hostile")]]) {
    const result = spawnSync(maker, args, { encoding: "utf8" });
    if (args.length === 0) continue; // that is the worker's mode
    assert.equal(result.status, 2, args.join(" "));
    assert.ok(result.stderr.length > 0, args.join(" "));
  }
  assert.ok(!existsSync(folder));
});
