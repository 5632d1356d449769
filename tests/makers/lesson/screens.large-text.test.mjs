// Players can ask Roblox for larger text (GuiService.PreferredTextSize): with letters half as large again every
// screen is still in sight, readable and within reach.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkScreen, estimate } from "../../../src/makers/lesson/check/tools/rules.mjs";
import { VIEWS, walk } from "../../../src/makers/lesson/check/tools/walk.mjs";
import { generate, modules } from "./lesson.mjs";

const enlarge = (node) => {
  if (node.properties.TextSize) node.properties.TextSize *= 1.5;
  node.children.forEach(enlarge);
};

test("larger text finds room on a phone and on a television", async () => {
  const faults = new Set();
  let screens = 0;
  const views = VIEWS.filter((view) => /^(phone|phone-upright|television)$/.test(view.name));
  await walk(generate("every-type", "screens-large-text"), modules, views, ({ step, view, screen }) => {
    enlarge(screen.gui);
    screens += 1;
    checkScreen(screen, estimate, (box, text) => faults.add(`${step} on ${view.name}: ${box?.path} ${text}`));
  });
  assert.deepEqual([...faults].slice(0, 10), []);
  assert.ok(screens > 100);
});
