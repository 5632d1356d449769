// One rule for typed numbers: the game's server and the preview judge as the maker does. The maker itself is
// held to the same table by tests/unit/makers/lesson/test_figures.c.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import vm from "node:vm";
import { Game, luau } from "../../../src/makers/lesson/check/tools/machine.mjs";
import { here, maker, modules, out, readSpec, root } from "./lesson.mjs";

const source = readFileSync(join(root, "src/makers/lesson/templates/figures.js"), "utf8");
const figures = vm.runInNewContext(`${source}; figures`);
const table = JSON.parse(readFileSync(join(here, "figures.json"), "utf8"));

// Texts of signs that mean something here and of some that do not, the same ones each time.
function* texts(n) {
  const signs = [..."0123456789".repeat(2), ..." ,.'-+%$", "nine", "days", "day", "e", "\u2212", "\u00a0", "\u200f", "\u0669", "\uff19"];
  let state = 1;
  const draw = (max) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * max);
  };
  for (let i = 0; i < n; i += 1) yield Array.from({ length: 1 + draw(6) }, () => signs[draw(signs.length)]).join("");
}

// One lesson a language, its numbers those of the table; gives its folder and the table's rows.
function make(language) {
  const rows = table.filter((row) => row.language === language);
  const spec = readSpec("every-type");
  const [number] = spec.questions.filter((question) => question.type === "number");
  const { unit: _, ...bare } = number;
  spec.language = language;
  spec.questions = rows.map((row, i) => ({ ...bare, id: `q${i + 1}`, answer: row.number, ...(row.unit && { unit: row.unit }) }));
  const folder = join(out, `figures-${language}`);
  const path = `${folder}.json`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  writeFileSync(path, JSON.stringify(spec));
  execFileSync(maker, ["--generate", path, folder]);
  return { folder, rows };
}

// Each typed text of a row, with what must be said of it.
const cases = (row) => [...row.right.map((typed) => [typed, true]), ...row.wrong.map((typed) => [typed, false])];
const words = (row, typed) => `${JSON.stringify(typed)} for ${row.number} ${row.unit}`;

for (const language of new Set(table.map((row) => row.language))) {
  test(`${language}: the game's server judges as the table says`, async () => {
    const { folder, rows } = make(language);
    const game = await Game.open(folder, modules);
    await game.run(`
      local server = game:GetService("ServerScriptService")
      grading, keys = mock.require(server.Grading), mock.require(server.AnswerKey)`);
    for (const [i, row] of rows.entries()) {
      const typed = cases(row).map(([text]) => luau(text));
      const got = await game.get(`(function()
        local ret = {}
        for i, text in ipairs({${typed.join(",")}}) do ret[i] = grading.isRight(keys.q${i + 1}, text) end
        return ret
      end)()`);
      for (const [k, [text, isRight]] of cases(row).entries()) assert.equal(Object.values(got)[k], isRight, words(row, text));
    }
  });

  test(`${language}: the preview judges as the table says`, () => {
    const { folder, rows } = make(language);
    const page = readFileSync(join(folder, "preview/index.html"), "utf8");
    const data = JSON.parse(page.match(/<script type="application\/json" id="lesson">(.*?)<\/script>/s)[1]);
    assert.ok(page.includes(source));
    for (const [i, row] of rows.entries())
      for (const [text, isRight] of cases(row)) assert.equal(figures.is(data.questions[i].figure, text), isRight, words(row, text));
  });
}

test("the game's server and the preview agree on 4,000 texts drawn by lot", async () => {
  const { folder } = make("en");
  const game = await Game.open(folder, modules);
  await game.run('figures = mock.require(game:GetService("ServerScriptService").Figures)');
  const typed = [...texts(4000)];
  let right = 0;
  for (const [number, units, words, hasComma] of [["9", ["days", "day"], ["nine"], false], ["0.9", ["%"], [], true], ["-99", [], [], false]]) {
    const figure = `{number="${number}",units={${units.map(luau).join(",")}},words={${words.map(luau).join(",")}},hasComma=${hasComma}}`;
    const got = await game.get(`(function()
      local ret = {}
      for i, text in ipairs({${typed.map(luau).join(",")}}) do ret[i] = figures.is(${figure}, text) end
      return ret
    end)()`);
    for (const [i, text] of typed.entries()) {
      assert.equal(figures.is({ number, units, words, hasComma }, text), Object.values(got)[i], `${JSON.stringify(text)} for ${number}`);
      right += Object.values(got)[i];
    }
  }
  assert.ok(right > 50, `only ${right} texts were right: the draw proves little`);
});
