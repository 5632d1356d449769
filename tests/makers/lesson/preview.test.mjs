// The preview is played in a browser: by mouse on a phone's width, by keyboard alone on a desktop's.
// Screenshots of it and of the worksheet are left in the build folder.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { generate, modules, out, readSpec } from "./lesson.mjs";

const executablePath = process.env.TAKT_CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--no-first-run"];
const pictures = join(out, "screenshots");
const skip = existsSync(executablePath) || process.env.CI ? false : `no browser at ${executablePath}`;
const axeSource = readFileSync(join(modules, "axe-core/axe.min.js"), "utf8");
let browser;

before(async () => {
  if (skip) return;
  mkdirSync(pictures, { recursive: true });
  browser = await chromium.launch({ executablePath, args, headless: true });
});
after(() => browser?.close());

// A page that remembers everything it should not do.
async function open(t, path, options) {
  const context = await browser.newContext({ offline: true, ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  page.trouble = [];
  page.on("console", (message) => page.trouble.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => page.trouble.push(`error: ${error}`));
  page.on("dialog", (dialog) => page.trouble.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => {
    if (request.url() !== pathToFileURL(path).href && !request.url().startsWith("data:")) page.trouble.push(`request: ${request.url()}`);
  });
  await page.goto(pathToFileURL(path).href);
  return page;
}

const shoot = (page, name) => page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
// What axe-core finds of WCAG 2.2 A and AA and of its best practices.
async function axe(page, where) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run());
  const words = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(", ")}`);
  assert.deepEqual(words, [], where);
}

const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);

// How each kind of question is answered by mouse and by keyboard.
const byMouse = {
  option: (page, text) => page.locator(".option").filter({ has: page.locator(".text", { hasText: exactly(text) }) }).click(),
  type: async (page, text) => {
    await page.getByLabel("Your answer").fill(text);
    await page.getByRole("button", { name: "Check" }).click();
  },
  match: async (page, question) => {
    for (const [i, pair] of question.pairs.entries()) {
      const index = await optionIndex(page.locator(`#pair${i}`), pair.right);
      await page.locator(`#pair${i}`).selectOption({ index });
    }
    await page.getByRole("button", { name: "Check" }).click();
  },
  order: async (page, question) => {
    await sort(page, question.items, (line) => line.locator(".up").click());
    await page.getByRole("button", { name: "Check" }).click();
  },
  next: (page) => page.locator(".onward").click(),
  start: (page) => page.getByRole("button", { name: /^Start/ }).click(),
};

async function tabTo(page, locator) {
  for (let i = 0; i < 60; i++) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail("Tab does not reach a control");
}

const byKeyboard = {
  option: async (page, text) => {
    const texts = await page.locator(".option .text").allTextContents();
    await page.keyboard.press(String(texts.indexOf(text) + 1));
  },
  type: async (page, text) => {
    await tabTo(page, page.getByLabel("Your answer"));
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
  },
  match: async (page, question) => {
    for (const [i, pair] of question.pairs.entries()) {
      const select = page.locator(`#pair${i}`);
      await tabTo(page, select);
      const index = await optionIndex(select, pair.right);
      for (let n = 0; n < index; n++) await page.keyboard.press("ArrowDown");
      assert.equal(await select.evaluate((element) => element.selectedIndex), index);
    }
    await tabTo(page, page.getByRole("button", { name: "Check" }));
    await page.keyboard.press("Enter");
  },
  order: async (page, question) => {
    await sort(page, question.items, async (line) => {
      await tabTo(page, line.locator(".up"));
      await page.keyboard.press("Enter");
    });
    await tabTo(page, page.getByRole("button", { name: "Check" }));
    await page.keyboard.press("Space");
  },
  next: (page) => page.keyboard.press("Enter"), // it has the focus after answering
  start: async (page) => {
    await tabTo(page, page.getByRole("button", { name: /^Start/ }));
    await page.keyboard.press("Enter");
  },
};

const exactly = (text) => new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);

const optionIndex = (select, text) =>
  select.evaluate((element, wanted) => [...element.options].findIndex((option) => option.text.replace(/^[A-F]\. /, "") === wanted.replace(/\s+/g, " ").trim()), text);

async function sort(page, items, up) {
  const lines = page.locator(".lines li");
  for (const [place, item] of items.entries()) {
    const texts = await page.locator(".lines .text").allTextContents();
    for (let at = texts.indexOf(item); at > place; at--) await up(lines.nth(at));
  }
  assert.deepEqual(await page.locator(".lines .text").allTextContents(), items);
}

async function answer(page, hand, question, isRight) {
  switch (question.type) {
    case "choice":
      return hand.option(page, isRight ? question.answer : question.distractors[0]);
    case "true_false":
      return hand.option(page, question.is_true === isRight ? "True" : "False");
    case "match":
      return hand.match(page, question);
    case "order":
      return hand.order(page, question);
    case "number": {
      const field = page.getByLabel("Your answer, a number");
      assert.equal(await field.getAttribute("inputmode"), "decimal");
      if (question.unit) assert.equal(await page.locator(`#${await field.getAttribute("aria-describedby")}`).textContent(), question.unit);
      return hand.type(page, isRight ? `${question.answer}.0 ${question.unit ?? ""}`.replace(".5.0", ".50") : `${question.answer}1`);
    }
    default:
      return hand.type(page, isRight ? ` ${question.answer.toUpperCase()}  ` : "not this");
  }
}

// What is said above a field.
const typed = { cloze: "Type what belongs in the gap.", short: "Type your answer.", number: "Type a number." };

// Plays to the end; `wrong` are the ids to get wrong. Gives what the result says.
async function play(page, hand, spec, wrong, shot) {
  const taken = new Set();
  if (shot) await shoot(page, `${shot}-start`);
  await hand.start(page);
  for (const question of spec.questions) {
    assert.equal(await page.locator("h2").textContent(), question.prompt);
    const isRight = !wrong.includes(question.id);
    const isFirst = !taken.has(question.type);
    taken.add(question.type);
    if (shot && isFirst) await shoot(page, `${shot}-${question.type}`);
    assert.ok(await fits(page), `${question.id} is wider than the screen`);
    await answer(page, hand, question, isRight);
    assert.equal(await page.locator(".feedback h3").textContent(), isRight ? "Right!" : "Not quite.");
    if (typed[question.type]) {
      assert.equal(await page.locator(".hint").textContent(), typed[question.type]);
      assert.equal(await page.locator(`.typed.${isRight ? "is-right" : "is-wrong"}`).count(), 1);
    }
    assert.ok((await page.locator("#live").textContent()).includes(question.explanation));
    assert.ok(await page.locator(".onward").evaluate((element) => element === document.activeElement));
    if (shot && isFirst) await shoot(page, `${shot}-${question.type}-answered`);
    await hand.next(page);
  }
  if (shot) await shoot(page, `${shot}-result`);
  return page.locator(".points").textContent();
}

for (const colorScheme of ["light", "dark"]) {
  test(`a phone, by mouse, ${colorScheme}`, { skip }, async (t) => {
    const spec = readSpec("every-type");
    const path = join(generate("every-type", `preview-phone-${colorScheme}`), "preview/index.html");
    const page = await open(t, path, { viewport: { width: 360, height: 740 }, colorScheme, hasTouch: true });
    assert.equal(await play(page, byMouse, spec, ["q2", "q3"], `360-${colorScheme}`), "8 of 10");
    assert.equal(await page.locator(".review .is-wrong").count(), 2);
    assert.deepEqual(page.trouble, []);
  });

  test(`a desktop, by keyboard alone, ${colorScheme}`, { skip }, async (t) => {
    const spec = readSpec("every-type");
    const path = join(generate("every-type", `preview-desktop-${colorScheme}`), "preview/index.html");
    const page = await open(t, path, { viewport: { width: 1280, height: 800 }, colorScheme });
    assert.equal(await play(page, byKeyboard, spec, ["q1"], `1280-${colorScheme}`), "9 of 10");
    await tabTo(page, page.getByRole("button", { name: "Play again" }));
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("h2").textContent(), spec.questions[0].prompt);
    assert.deepEqual(page.trouble, []);
  });
}

test("hostile texts stay texts, and the game can still be won", { skip }, async (t) => {
  const spec = readSpec("hostile");
  const path = join(generate("hostile", "preview-hostile"), "preview/index.html");
  const page = await open(t, path, { viewport: { width: 360, height: 740 } });
  assert.equal(await page.locator("h1").textContent(), spec.title);
  assert.equal(await play(page, byMouse, spec, [], "hostile-360"), `${spec.questions.length} of ${spec.questions.length}`);
  assert.equal((await page.title()).trim(), spec.title.replace(/\s+/g, " ").trim());
  assert.equal(await page.locator("main img, main script, main a").count(), 0);
  assert.deepEqual(page.trouble, []);
});

// Contrast of every text against what is behind it, as WCAG 2 counts it.
function faint() {
  const parse = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("body *:not(script):not(style):not(noscript)")) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!hasText || !element.checkVisibility()) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(`${element.className || element.tagName}: ${ratio.toFixed(2)}`);
  }
  return found;
}

for (const colorScheme of ["light", "dark"]) {
  test(`every text has contrast enough (AA) and axe finds nothing, ${colorScheme}`, { skip }, async (t) => {
    const spec = readSpec("every-type");
    const path = join(generate("every-type", `preview-contrast-${colorScheme}`), "preview/index.html");
    const page = await open(t, path, { viewport: { width: 1280, height: 800 }, colorScheme });
    assert.deepEqual(await page.evaluate(faint), []);
    await axe(page, "the start");
    await byMouse.start(page);
    for (const question of spec.questions) {
      assert.deepEqual(await page.evaluate(faint), [], question.id);
      await axe(page, question.id);
      await answer(page, byMouse, question, question.id !== "q1");
      assert.deepEqual(await page.evaluate(faint), [], `${question.id} answered`);
      await axe(page, `${question.id} answered`);
      await byMouse.next(page);
    }
    assert.deepEqual(await page.evaluate(faint), []);
    await axe(page, "the result");
  });
}

test("the worksheet prints, with the key on pages of its own", { skip }, async (t) => {
  for (const name of ["every-type", "hostile"]) {
    const spec = readSpec(name);
    const path = join(generate(name, `worksheet-${name}`), "exports/worksheet.html");
    const page = await open(t, path, { viewport: { width: 800, height: 1000 } });
    const prompts = await page.locator(".questions .prompt").allTextContents();
    assert.deepEqual(prompts, spec.questions.map((question) => question.prompt));
    assert.equal(await page.locator("script").count(), 0);
    for (const format of ["A4", "Letter"]) {
      const pdf = join(pictures, `worksheet-${name}-${format}.pdf`);
      await page.pdf({ path: pdf, format, preferCSSPageSize: false });
      assert.ok(readFileSync(pdf).subarray(0, 5).equals(Buffer.from("%PDF-")));
      if (name !== "every-type") continue;
      const pages = execFileSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8" }).split("\f");
      const key = pages.findIndex((text) => text.includes("Answer key"));
      for (const [i, text] of pages.slice(0, -1).entries()) assert.match(text.trimEnd(), new RegExp(`\\s${i + 1}$`));
      assert.ok(key >= 1, "the key begins on a page of its own");
      assert.ok(!pages.slice(0, key).join("").includes(spec.questions[0].explanation));
    }
    assert.deepEqual(page.trouble, []);
  }
});
