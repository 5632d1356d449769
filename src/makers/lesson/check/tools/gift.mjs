// An independent GIFT parser reads what the spec says.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isMain, packageFile, readJson, run } from "./tool.mjs";

// What the parser itself does to plain text: line ends stay, runs of blanks shrink, ends go.
const plain = (text) => text.replace(/[\r\t ][\r\t ]+/g, " ").trim();
// Where GIFT has no way to say "->", an arrow stands.
const arrows = (text) => plain(text.replaceAll("->", "\u2192"));
// The parser takes the escapes back in the wrong place for a match's right side; undo it here.
const decode = (text) => text.replace(/&&(\d{3});?/g, (_, code) => String.fromCharCode(Number(code)));

const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// What is not as the spec says, in words.
function* differences(question, got) {
  if (got.title !== question.id) yield `it is named ${got.title}`;
  if (got.stem.format !== "plain") yield "its text is not plain";
  if (!prompts(question).includes(got.stem.text)) yield "the prompt differs";
  const isPlain = ["choice", "true_false"].includes(question.type);
  if (got.globalFeedback?.text !== (isPlain ? plain : arrows)(question.explanation)) yield "the feedback differs";
  if (!hasAnswers(question, got)) yield "the answers differ";
}

// A unit that the prompt does not name stands behind it.
const prompts = ({ prompt, unit }) => (unit ? [prompt, `${prompt} (in ${unit})`] : [prompt]).map(plain);

function hasAnswers(question, got) {
  if (question.type === "choice") {
    const texts = (isCorrect) => (got.choices ?? []).filter((c) => c.isCorrect === isCorrect).map((c) => c.text.text);
    return (
      got.type === "MC" &&
      isSame(texts(true), [plain(question.answer)]) &&
      isSame(texts(false).sort(), question.distractors.map(plain).sort()) &&
      got.choices.every((choice) => choice.weight === null && choice.text.format === "plain")
    );
  }
  if (question.type === "true_false") return got.type === "TF" && got.isTrue === question.is_true;
  if (question.type === "match" || question.type === "order") {
    if (got.type !== "Matching") return false;
    const pairs = got.matchPairs.map((pair) => [pair.subquestion.text, decode(pair.subanswer)]);
    const expected =
      question.type === "match"
        ? question.pairs.map((pair) => [arrows(pair.left), arrows(pair.right)])
        : question.items.map((item, place) => [arrows(item), String(place + 1)]);
    return isSame(pairs.sort(), expected.sort());
  }
  if (question.type === "number") {
    if (got.type !== "Numerical" || got.choices.length !== 1) return false;
    const [{ isCorrect, weight, text }] = got.choices;
    return isCorrect && weight === null && text.type === "simple" && text.number === Number(question.answer);
  }
  const texts = (got.choices ?? []).map((choice) => choice.text.text);
  return got.type === "Short" && isSame(texts, [question.answer, ...question.accepted].map(arrows));
}

// The question that stands at a line of the file: the last title before it.
function questionAt(text, line, questions) {
  const titles = [...text.split("\n").slice(0, line).join("\n").matchAll(/^::(.+?)::/gm)];
  const index = questions.findIndex((question) => question.id === titles.at(-1)?.[1]);
  return index >= 0 ? `spec.json#/questions/${index}` : undefined;
}

export async function check(lesson, modules, add) {
  const gift = createRequire(import.meta.url)(packageFile(modules, "gift-pegjs", "pegjs-gift.js"));
  const { questions } = readJson(join(lesson, "spec.json"));
  const path = "exports/questions.gift";
  const text = readFileSync(join(lesson, path), "utf8");
  let parsed;
  try {
    parsed = gift.parse(text);
  } catch (error) {
    const line = error.location?.start?.line ?? 1;
    add(questionAt(text, line, questions) ?? `${path}:${line}`, `${path}:${line}: ${error.message}`);
    return "";
  }
  if (parsed.length !== questions.length) add(path, `${parsed.length} questions are read, the spec has ${questions.length}`);
  for (const [i, question] of questions.entries()) {
    if (!parsed[i]) continue;
    for (const text of differences(question, parsed[i])) add(`spec.json#/questions/${i}`, `read by gift-pegjs, ${text}`);
  }
  return `${questions.length} questions read back equal`;
}

if (isMain(import.meta.url)) await run(check);
