// An independent GIFT parser reads what the spec says: the maker's own check, and that it can fail.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { check } from "../../../src/makers/lesson/check/tools/gift.mjs";
import { generate, modules } from "./lesson.mjs";

async function findings(folder) {
  const found = [];
  await check(folder, modules, (place, text) => found.push(`${place}: ${text}`));
  return found;
}

for (const name of ["every-type", "hostile"]) {
  test(`${name}: every question reads back equal`, async () => {
    assert.deepEqual(await findings(generate(name, `gift-${name}`)), []);
  });
}

test("a question that differs is named", async () => {
  const folder = generate("every-type", "gift-changed");
  const path = join(folder, "exports/questions.gift");
  writeFileSync(path, readFileSync(path, "utf8").replace("=Condensation", "~Condensation"));
  assert.deepEqual(await findings(folder), ["spec.json#/questions/0: read by gift-pegjs, the answers differ"]);
});
