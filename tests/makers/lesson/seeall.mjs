// Every screen of a lesson's game, by the rules of a usable screen, with the letters of a real browser; the lesson's
// own check takes widths of its own. Pictures of the long lesson are left in the build folder. One lesson a process:
// the machines of a process share one small memory and do not give it back.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { VIEWS, walk } from "../../../src/makers/lesson/check/tools/walk.mjs";
import { generate, maker, modules, out, readSpec } from "./lesson.mjs";
import { executablePath, openBrowser, openPage, shoot } from "./paint.mjs";

const pictures = join(out, "screenshots/game");
const skip = existsSync(executablePath) || process.env.CI ? false : `no browser at ${executablePath}`;
// Texts as long as the longest of articles: prompts of 270 letters, options of 150, items of 100, a title of 110.
function longLesson() {
  const spec = readSpec("every-type");
  const filler = " which was never said before in so many words by anybody who had been asked about water, and an extraordinarily-long-hyphenated-word";
  const long = (text, length) => (text + filler.repeat(4)).slice(0, length).trim();
  spec.title = long(spec.title, 110);
  spec.objectives = spec.objectives.map((text) => long(text, 110));
  for (const section of spec.sections) section.title = long(section.title, 70);
  for (const question of spec.questions) {
    question.prompt = long(question.prompt, 270);
    question.explanation = long(question.explanation, 400);
    if (question.type === "choice") question.answer = long(question.answer, 150);
    question.distractors &&= question.distractors.map((text) => long(text, 150));
    question.pairs &&= question.pairs.map((pair) => ({ ...pair, left: long(pair.left, 120), right: long(pair.right, 126) }));
    question.items &&= question.items.map((text) => long(text, 101));
  }
  const folder = join(out, "screens-long");
  mkdirSync(out, { recursive: true });
  rmSync(folder, { recursive: true, force: true });
  writeFileSync(`${folder}.json`, JSON.stringify(spec));
  execFileSync(maker, ["--generate", `${folder}.json`, folder]);
  return folder;
}

// What is painted, and where: one question of each type on a phone, held both ways.
const SHOWN = /^(start|stages|no-connection|stage-1-won|achievements)$/;
const SHOWN_ON_PHONES = /^(waiting|q[1-6]-asked|q9-asked|q4-partners|q[134]-wrong|leaders)$/;

// Every device for the lesson whose texts are longest; for the others the smallest and the largest.
const viewsOf = (name) => VIEWS.filter((view) => name === "long" || /^(phone-upright|television)$/.test(view.name));

export function seeAll(name) {
  let browser;
  before(async () => {
    if (!skip) browser = await openBrowser();
  });
  after(() => browser?.close());

  test(`${name}: every screen is in sight, readable and within reach, in a browser's letters`, { skip }, async () => {
    const folder = name === "long" ? longLesson() : generate(name, `screens-${name}`);
    const page = await openPage(browser);
    const faults = [];
    mkdirSync(pictures, { recursive: true });
    const isWanted = (step, view) => !step.endsWith("-right") || view.name === "phone-upright";
    const visit = async ({ step, view, screen }) => {
      const found = await page.evaluate((one) => window.faults(one), screen);
      faults.push(...found.map((fault) => `${step} on ${view.name}: ${fault}`));
      const isShown = SHOWN.test(step) || (SHOWN_ON_PHONES.test(step) && /^phone(-upright)?$/.test(view.name));
      if (isShown && name === "long") await shoot(page, screen, join(pictures, `${step}-${view.name}.png`));
    };
    await walk(folder, modules, viewsOf(name), visit, isWanted);
    assert.deepEqual(faults.slice(0, 20), []);
  });
}
