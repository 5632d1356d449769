// Typed words: the game's server lowers every capital of the alphabets that lessons are written in as the preview
// does, and takes bytes that are no text for what they are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Game, luau } from "../../../src/makers/lesson/check/tools/machine.mjs";
import { generate, modules } from "./lesson.mjs";

// Latin with its extensions, Romanian's comma letters, Cyrillic.
const ranges = [[0x41, 0x5a], [0xc0, 0xde], [0x100, 0x17f], [0x218, 0x21b], [0x400, 0x42f]];
const letters = ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)));
const preview = (text) => text.replace(/\u0130/g, "i").trim().toLowerCase();

test("capitals make no difference, in any alphabet", async () => {
  const game = await Game.open(generate("every-type", "letters"), modules);
  await game.run('grading = mock.require(game:GetService("ServerScriptService").Grading)');
  const words = letters.map((letter) => `${letter}x`);
  const got = await game.get(`(function()
    local ret = {}
    for i, text in ipairs({${words.map(luau).join(",")}}) do ret[i] = grading.normalise(text) end
    return ret
  end)()`);
  assert.deepEqual(Object.values(got), words.map(preview));
  for (const [typed, right] of [["\u00c9LAN", "\u00e9lan"], ["\u041f\u041e\u0420\u0422", "\u043f\u043e\u0440\u0442"], ["\u0218cOAL\u0102", "\u0219coal\u0103"]]) {
    assert.equal(await game.get(`grading.isRight({ texts = { ${luau(right)} }, solution = "", explanation = "" }, ${luau(typed)})`), true, typed);
  }
});

test("what is no text is no answer, and no error", async () => {
  const game = await Game.open(generate("every-type", "letters"), modules);
  await game.run('grading = mock.require(game:GetService("ServerScriptService").Grading)');
  for (const bytes of ['"\\xC3"', '"\\xC3\\x28"', '"a\\xD0\\xD0b"', '"\\xED\\xA0\\x80\\xC3"']) {
    assert.equal(await game.get(`grading.isRight({ texts = { "a" }, solution = "", explanation = "" }, ${bytes})`), false, bytes);
  }
});
