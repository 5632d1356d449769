// That the rules of a usable screen see what they should: a screen is spoiled, and they must say so.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { EM } from "../../../src/makers/lesson/check/tools/layout.mjs";
import { contrast, estimate } from "../../../src/makers/lesson/check/tools/rules.mjs";
import { check } from "../../../src/makers/lesson/check/tools/screens.mjs";
import { generate, modules, readSpec } from "./lesson.mjs";
import { executablePath, openBrowser, openPage } from "./paint.mjs";
import { TELEVISION, faultsOf, find, play } from "./player.mjs";

const skip = existsSync(executablePath) || process.env.CI ? false : `no browser at ${executablePath}`;
let browser;

before(async () => {
  if (!skip) browser = await openBrowser();
});
after(() => browser?.close());

test("a text is never wider than it is taken to be", { skip }, async () => {
  const page = await openPage(browser);
  const lines = new Set(["“Wide WWW” — mmm… 100 % of £5 (é, ü, ñ) * [a/b] {c} <d> @e #f ★ ☆ → · x×y ~ ^ _ ` \\ | $ & = + ; ' \" ! ?"]);
  for (const name of ["every-type", "hostile"]) {
    for (const question of readSpec(name).questions) {
      for (const text of [question.prompt, question.explanation, question.answer, ...(question.items ?? [])]) {
        if (text) for (const word of [text, ...text.split(/\s+/)]) if (/^[\x20-\x7e“”’–—…]+$/.test(word)) lines.add(word);
      }
    }
  }
  for (let code = 0x21; code < 0x7f; code += 1) lines.add(String.fromCharCode(code));
  for (const isBold of [false, true]) {
    const measured = await page.evaluate(([texts, bold]) => texts.map((text) => window.measureText(text, 100, bold)), [[...lines], isBold]);
    const wider = [...lines].filter((line, i) => measured[i] > estimate(line, 100, isBold));
    assert.deepEqual(wider, []);
  }
});

test("contrast is that of WCAG", () => {
  const grey = (v) => ({ R: v / 255, G: v / 255, B: v / 255 });
  assert.equal(contrast(grey(0), grey(255)), 21);
  assert.equal(contrast(grey(119), grey(255)).toFixed(2), "4.48");
  assert.equal(EM.toFixed(3), "0.833");
});

// --- What the checks see: a screen is spoiled, and what they say of it ---

const SPOILED = {
  "a button that is too low": ["Option1", (p) => { p.AutomaticSize = "None"; p.Size.Y.Offset = 40; }, /^Option1 is \d+ by 40 pixels; a finger/],
  "a text that is too small": ["Prompt", (p) => { p.TextSize = 16; }, /^Prompt has letters of 13\.3 pixels/],
  "a text that is too faint": ["Section", (p) => { p.TextColor3 = { R: 0.4, G: 0.4, B: 0.5 }; }, /^Section has text with a contrast of \d\.\d; 4\.5/],
  "a text that is cut off": ["Prompt", (p) => { p.AutomaticSize = "None"; p.Size.Y.Offset = 22; }, /^Prompt has more text than fits/],
  "a text that does not wrap": ["Prompt", (p) => { p.TextWrapped = false; }, /^Prompt has more text than fits/],
  "an edge that nobody sees": ["Option1", (p, node) => { find(node, "UIStroke").properties.Thickness = 1; find(node, "UIStroke").properties.Color = p.BackgroundColor3; }, /^Option1 has an edge with a contrast of/],
  "a panel that is larger than the screen": ["Panel", (p) => { p.Size.X.Offset = 40; }, /^Panel stands outside of the screen/],
  "a panel below the top bar": ["Panel", (p) => { p.Position.Y.Offset = -20; }, /^Panel stands outside of the screen, or under Roblox's own bar/],
  "an interface that takes the whole screen": ["LessonUI", (p) => { p.ScreenInsets = "None"; p.AbsoluteSize = { X: 667, Y: 375 }; }, /under Roblox's own bar/],
  "text below the scroll bar": ["Body", (p, node) => { find(node, "UIPadding").properties.PaddingRight.Offset = 0; }, /under its scroll bar/],
  "buttons that touch": ["Main", (p, node) => { find(node, "UIListLayout").properties.Padding.Offset = 2; }, /^Option\d is too near to Option\d/],
  "pieces on top of each other": ["Main", (p, node) => { find(node, "UIListLayout").properties.Padding.Offset = -20; }, /^Option\d lies over Option\d/],
  "a body without room": ["Bar", (p, node) => { p.AutomaticSize = "None"; p.Size.Y.Offset = 160; }, /^Body leaves \d+ pixels/],
  "a control that no gamepad reaches": ["Option2", (p) => { p.NextSelectionDown = undefined; }, /is not reached by going down/],
  "a control that can't be selected": ["Option2", (p) => { p.Selectable = false; }, /^Option2 can't be selected/],
  "a selection that is not shown": ["Option2", (p) => { p.SelectionImageObject = undefined; }, /^Option2 does not show that it is selected/],
  "an interface that a respawn removes": ["LessonUI", (p) => { p.ResetOnSpawn = true; }, /^interface the interface goes/],
};

test("a spoiled screen is found out", async (t) => {
  const { screen } = await play(true);
  // Complete, and without what several objects share.
  const good = JSON.parse(JSON.stringify(await screen()));
  assert.deepEqual(faultsOf(good), []);
  for (const [name, [object, spoil, words]] of Object.entries(SPOILED)) {
    await t.test(name, async () => {
      const spoiled = structuredClone(good);
      const node = find(spoiled.gui, object);
      spoil(node.properties, node);
      assert.match(faultsOf(spoiled).join("\n"), new RegExp(words.source, "m"));
    });
  }
});

test("a ring that nobody sees and a gamepad without a beginning are found out", async () => {
  const { screen } = await play(true, TELEVISION);
  const faint = await screen();
  assert.deepEqual(faultsOf(faint), []);
  find(faint.ring, "UIStroke").properties.Color = { R: 0.2, G: 0.2, B: 0.3 };
  assert.match(faultsOf(faint).join("\n"), /is selected by a ring with a contrast of/);
  const lost = await screen();
  lost.selected = undefined;
  assert.match(faultsOf(lost).join("\n"), /shows a gamepad nothing to begin with/);
});

test("a layout that is not known is an error, not a guess", async () => {
  const { screen } = await play(true);
  for (const [object, property, value] of [["Prompt", "TextScaled", true], ["Prompt", "Rotation", 90], ["Option1", "AutomaticSize", "XY"], ["Panel", "ZIndex", 2]]) {
    const spoiled = await screen();
    find(spoiled.gui, object).properties[property] = value;
    assert.throws(() => faultsOf(spoiled), /not known/, property);
  }
  const scaled = await screen();
  find(scaled.gui, "Panel").children.push({ id: -1, class: "UIScale", name: "UIScale", properties: { Scale: 2 }, children: [] });
  assert.throws(() => faultsOf(scaled), /UIScale is not known/);
});

test("the check names the screen and the device", async () => {
  const folder = generate("every-type", "screens-checked");
  const findings = [];
  const evidence = await check(folder, modules, (place, text) => findings.push([place, text]));
  assert.deepEqual(findings, []);
  assert.match(evidence, /^\d+ screens on 3 devices, \d+ objects: /);
});
