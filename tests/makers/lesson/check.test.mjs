// The program's two modes for people: what they print, and how they end.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { check, generate, maker, modules, out, readSpec, root, specPath } from "./lesson.mjs";

const bin = join(root, "node_modules/.bin");
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
delete env.TAKT_STYLUA;

for (const name of ["every-type", "hostile"]) {
  test(`${name}: every check passes, StyLua's too`, () => {
    const { code, text } = check(generate(name, `check-${name}`), env);
    assert.equal(code, 0, text);
    for (const line of text.trim().split("\n")) assert.match(line, /^pass /);
    assert.match(text, /^pass +stylua/m);
  });
}

test("a changed file is found, and named", () => {
  const folder = generate("every-type", "check-changed");
  appendFileSync(join(folder, "exports/questions.gift"), "\n::q9::[plain]More? {T}\n");
  const { code, text } = check(folder, { ...env, NODE_PATH: "/nonexistent" });
  assert.equal(code, 1);
  assert.match(text, /^FAIL +gift/m);
  assert.match(text, /^FAIL +manifest/m);
  assert.match(text, /exports\/questions\.gift/);
});

test("without StyLua its check was not run, and says so", () => {
  const folder = generate("every-type", "check-missing");
  const { code, text } = check(folder, { ...env, NODE_PATH: "/nonexistent", TAKT_STYLUA: "/nonexistent/stylua" });
  assert.equal(code, 0, text);
  assert.match(text, /^not run +stylua +not run: tool missing \(stylua\)$/m);
});

// The lesson's reports, of a lesson with a fault, by the tools of their world.
test("findings come as SARIF and as JUnit, too", () => {
  const folder = generate("hostile", "check-reports");
  const reports = join(out, "reports");
  rmSync(reports, { recursive: true, force: true });
  appendFileSync(join(folder, "exports/questions.gift"), "\n::q9::[plain]<&]]>{T}\n");
  const { status } = spawnSync(maker, ["--check", folder, reports], { env: { ...env, NODE_PATH: "/nonexistent" } });
  assert.equal(status, 1);
  const { checks } = JSON.parse(readFileSync(join(reports, "report.json"), "utf8"));
  const count = (verdict) => checks.filter((one) => one.verdict === verdict).length;
  assert.ok(count("fail") >= 2 && count("not_run") === 5);

  const sarif = join(reports, "report.sarif");
  const tool = join(modules, "@microsoft/sarif-multitool-linux/Sarif.Multitool");
  chmodSync(tool, 0o755); // npm's --ignore-scripts leaves that out
  const validated = spawnSync(tool, ["validate", sarif], {
    encoding: "utf8",
    env: { ...env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: "1" },
  });
  assert.equal(validated.status, 0, validated.stdout + validated.stderr);
  assert.doesNotMatch(validated.stdout, /: error /);
  const [run] = JSON.parse(readFileSync(sarif, "utf8")).runs;
  assert.deepEqual(run.tool.driver.rules.map((rule) => rule.id), checks.map((one) => one.name));
  assert.equal(run.results.length, checks.flatMap((one) => one.findings).length);

  // Expat knows nothing of our writer.
  const program = `import sys, json, xml.etree.ElementTree as E
suite = E.parse(sys.argv[1]).getroot()[0]
print(json.dumps([suite.attrib, [[c.attrib["name"], [e.tag for e in c]] for c in suite]]))`;
  const junit = spawnSync("/usr/bin/python3", ["-c", program, join(reports, "report.junit.xml")], { encoding: "utf8" });
  assert.equal(junit.status, 0, junit.stderr);
  const [attributes, cases] = JSON.parse(junit.stdout);
  assert.equal(attributes.name, readSpec("hostile").title);
  assert.deepEqual([attributes.tests, attributes.failures, attributes.skipped].map(Number), [checks.length, count("fail"), count("not_run")]);
  const tags = { pass: "system-out", fail: "failure", not_run: "skipped" };
  assert.deepEqual(cases, checks.map((one) => [one.name, [tags[one.verdict]]]));
});

test("the place and the table are read by others, too", () => {
  const program = `import sys, json, csv, xml.etree.ElementTree as E
root = E.parse(sys.argv[1] + "/game/place.rbxlx").getroot()
sources = sorted(p.text for p in root.iter("ProtectedString"))
with open(sys.argv[1] + "/exports/questions.csv", encoding="utf-8-sig", newline="") as f:
    rows = list(csv.DictReader(f, strict=True))
print(json.dumps([root.attrib, sources, rows]))`;
  for (const name of ["every-type", "hostile"]) {
    const folder = generate(name, `others-${name}`);
    const spec = readSpec(name);
    const read = spawnSync("/usr/bin/python3", ["-c", program, folder], { encoding: "utf8", maxBuffer: 1 << 26 });
    assert.equal(read.status, 0, read.stderr);
    const [attributes, sources, rows] = JSON.parse(read.stdout);
    assert.equal(attributes.version, "4");
    const files = readdirSync(join(folder, "game/src"), { recursive: true }).filter((file) => file.endsWith(".luau"));
    assert.deepEqual(sources, files.map((file) => readFileSync(join(folder, "game/src", file), "utf8")).sort());
    const plain = (cell) => cell.replace(/^'/, "");
    assert.deepEqual(rows.map((row) => plain(row.prompt)), spec.questions.map((question) => question.prompt));
    assert.deepEqual(rows.map((row) => plain(row.unit)), spec.questions.map((question) => question.unit ?? ""));
    for (const row of rows) for (const cell of Object.values(row)) assert.doesNotMatch(cell, /^[=+\-@]/);
  }
});

test("what the checks name goes, and the rest is a good lesson", () => {
  const spec = readSpec("every-type");
  spec.questions[2].answer = "Ice";
  spec.questions[0].distractors[0] = "condensation";
  const bad = join(out, "review-bad.json");
  const good = join(out, "review-good.json");
  writeFileSync(bad, JSON.stringify(spec));
  const review = spawnSync(maker, ["--review", bad], { encoding: "utf8" });
  assert.equal(review.status, 0, review.stderr);
  assert.match(review.stderr, /^dropped q3 \(answers\): .*Ice/m);
  assert.match(review.stderr, /^dropped q1 \(distractors\): condensation/m);
  writeFileSync(good, review.stdout);
  const folder = join(out, "review-good");
  assert.equal(spawnSync(maker, ["--generate", good, folder]).status, 0);
  assert.equal(check(folder, { ...env, NODE_PATH: "/nonexistent" }).code, 0);
  assert.equal(JSON.parse(review.stdout).questions.length, 9);
});

test("a wrong call or a wrong spec makes nothing", () => {
  const folder = join(out, "never-made");
  const bad = join(out, "bad.json");
  writeFileSync(bad, '{"format":"takt.lesson/1"}');
  for (const args of [[], ["--generate"], ["--generate", bad, folder], ["--generate", "/nonexistent", folder],
    ["--check", "/nonexistent"], ["--check", out, "more", "still"], ["--review"], ["--review", bad], ["--generate", specPath("hostile")]]) {
    const result = spawnSync(maker, args, { encoding: "utf8" });
    if (args.length === 0) continue; // that is the worker's mode
    assert.equal(result.status, 2, args.join(" "));
    assert.ok(result.stderr.length > 0, args.join(" "));
  }
  assert.ok(!existsSync(folder));
});
