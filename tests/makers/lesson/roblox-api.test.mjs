// The mock knows no class and no member that Roblox does not have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Api } from "../../../src/makers/lesson/check/tools/api.mjs";
import { Game } from "../../../src/makers/lesson/check/tools/machine.mjs";
import { generate, modules } from "./lesson.mjs";

test("every class and member of the mock exists", async () => {
  const api = new Api(modules);
  const game = await Game.create(generate("every-type", "api-every-type"), modules);
  const classes = await game.get("mock.classes");
  assert.ok(Object.keys(classes).length > 30);
  for (const [name, members] of Object.entries(classes)) {
    assert.ok(api.has(name, "Name"), name);
    for (const member of Object.values(members)) assert.ok(api.has(name, member), `${name}.${member}`);
  }
  assert.ok(!api.has("RemoteEvent", "InvokeServer"));
});
