// An independent GIFT parser reads what the spec says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import gift from "gift-pegjs";
import { generate, readSpec } from "./lesson.mjs";

// What the parser itself does to plain text: line ends stay, runs of blanks shrink, ends go.
const plain = (text) => text.replace(/[\r\t ][\r\t ]+/g, " ").trim();
// Where GIFT has no way to say "->", an arrow stands.
const arrows = (text) => plain(text.replaceAll("->", "\u2192"));
// The parser takes the escapes back in the wrong place for a match's right side; undo it here.
const decode = (text) =>
  text
    .replace(/&&(\d{3});?/g, (_, code) => String.fromCharCode(Number(code)));

for (const name of ["six-types", "hostile"]) {
  const spec = readSpec(name);
  const parsed = gift.parse(readFileSync(join(generate(name, `gift-${name}`), "exports/questions.gift"), "utf8"));

  test(`${name}: gift-pegjs finds every question once, under its id, as plain text`, () => {
    assert.deepEqual(parsed.map((question) => question.title), spec.questions.map((question) => question.id));
    for (const question of parsed) assert.equal(question.stem.format, "plain");
  });

  for (const [i, question] of spec.questions.entries()) {
    test(`${name}: ${question.id} (${question.type}) reads back equal`, () => {
      const got = parsed[i];
      assert.equal(got.stem.text, plain(question.prompt));
      const isPlain = ["choice", "true_false"].includes(question.type);
      assert.equal(got.globalFeedback.text, (isPlain ? plain : arrows)(question.explanation));
      if (question.type === "choice") {
        assert.equal(got.type, "MC");
        const right = got.choices.filter((choice) => choice.isCorrect).map((choice) => choice.text.text);
        const wrong = got.choices.filter((choice) => !choice.isCorrect).map((choice) => choice.text.text);
        assert.deepEqual(right, [plain(question.answer)]);
        assert.deepEqual(wrong.sort(), question.distractors.map(plain).sort());
        assert.ok(got.choices.every((choice) => choice.weight === null && choice.text.format === "plain"));
      } else if (question.type === "true_false") {
        assert.deepEqual([got.type, got.isTrue], ["TF", question.is_true]);
      } else if (question.type === "match" || question.type === "order") {
        assert.equal(got.type, "Matching");
        const pairs = got.matchPairs.map((pair) => [pair.subquestion.text, decode(pair.subanswer)]);
        const expected =
          question.type === "match"
            ? question.pairs.map((pair) => [arrows(pair.left), arrows(pair.right)])
            : question.items.map((item, place) => [arrows(item), String(place + 1)]);
        assert.deepEqual(pairs.sort(), expected.sort());
      } else {
        assert.equal(got.type, "Short");
        assert.deepEqual(
          got.choices.map((choice) => choice.text.text),
          [question.answer, ...question.accepted].map(arrows),
        );
      }
    });
  }
}
