// What a player does at the game's interface: with a gamepad alone, on a device that is turned, after dying, with
// a server that does not answer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rightResponse } from "../../../src/makers/lesson/check/tools/machine.mjs";
import { readSpec } from "./lesson.mjs";
import { TELEVISION, faultsOf, find, play } from "./player.mjs";

test("the whole lesson is played with a gamepad: the stick moves down, A presses", async () => {
  const { game, screen } = await play(false, TELEVISION);
  const spec = readSpec("every-type");
  const selected = () => game.get('game:GetService("GuiService").SelectedObject.Name');
  const down = () => game.run('local service = game:GetService("GuiService") service.SelectedObject = service.SelectedObject.NextSelectionDown');
  const up = () => game.run('local service = game:GetService("GuiService") service.SelectedObject = service.SelectedObject.NextSelectionUp');
  const a = () => game.run('game:GetService("GuiService").SelectedObject.Activated:Fire() mock.advance(1)');
  const to = async (name, move = down) => {
    for (let steps = 0; (await selected()) !== name; steps += 1) {
      assert.ok(steps < 40, `${name} is not reached`);
      await move();
    }
  };
  const { stages, questions } = await game.data();
  const shown = new Map(Object.values(questions).map((question) => [question.id, question]));
  assert.equal(await selected(), "Go", "the selection begins at the main action");
  await a();
  for (const [i, stage] of Object.values(stages).entries()) {
    for (const id of Object.values(stage.questions)) {
      const question = spec.questions.find((one) => one.id === id);
      const response = rightResponse(question, shown.get(id));
      if (question.type === "choice" || question.type === "true_false") {
        await to(`Option${question.type === "choice" ? response : response ? 1 : 2}`);
        await a();
      } else if (question.type === "match") {
        for (const option of response) {
          await to("Submit");
          await a();
          await to(`Option${option}`);
          await a();
        }
        await to("Submit");
        await a();
      } else if (question.type === "order") {
        await orderByPad({ game, to, a, up, down, response });
        await to("Submit");
        await a();
      } else {
        await to("Answer");
        await game.run(`mock.find("ada", "Answer").Text = "${response}"`);
        await to("Submit");
        await a();
      }
      assert.equal(await game.get('mock.find("ada", "Verdict").Text'), "Right!", id);
      assert.equal(await selected(), "Next", "after an answer the selection is at what comes next");
      await a();
    }
    assert.equal(await selected(), "Onward");
    if (i + 1 < Object.values(stages).length) await a();
  }
  await to("Back");
  await a();
  assert.match(await game.get('mock.find("ada", "Stage1").Text'), /All \d+ right/);
  assert.deepEqual(faultsOf(await screen()), []);
  assert.deepEqual(await game.errors(), []);
});

// Brings each item to its place: the selection goes along with the line that it moves.
async function orderByPad({ game, a, response }) {
  const row = 'game:GetService("GuiService").SelectedObject.Parent.Parent.Name';
  const order = response.map((_, i) => i + 1);
  for (const [place, option] of response.entries()) {
    for (let at = order.indexOf(option); at > place; at -= 1) {
      const name = `Line${at + 1}`;
      for (let steps = 0; (await game.get(row)) !== name || (await game.get('game:GetService("GuiService").SelectedObject.Name')) !== "Up"; steps += 1) {
        assert.ok(steps < 40, `${name} is not reached`);
        await game.run('local service = game:GetService("GuiService") service.SelectedObject = service.SelectedObject.NextSelectionDown');
      }
      await a();
      assert.equal(await game.get(row), `Line${at}`, "the selection moves with the line");
      [order[at - 1], order[at]] = [order[at], order[at - 1]];
    }
  }
}

test("without a gamepad nothing is selected until the player asks for it, and then it stays", async () => {
  const { game, press } = await play(false);
  assert.equal(await game.get('game:GetService("GuiService").SelectedObject == nil'), true);
  // The key \ of Roblox: it selects something.
  await game.run('game:GetService("GuiService").SelectedObject = mock.find("ada", "Stage1")');
  await press("Stage1");
  const selected = () => game.get('game:GetService("GuiService").SelectedObject.Name');
  assert.equal(await selected(), "Option1");
  await press("Option1");
  assert.equal(await selected(), "Next");
  await press("Back");
  await game.run('game:GetService("GuiService").SelectedObject = mock.find("ada", "Stage1")');
  await press("Stage1");
  assert.equal(await selected(), "Right", "in a match, too, which builds its controls again and again");
  await press("Right", "Pair1");
  assert.equal(await selected(), "Option1");
  await press("Option2");
  assert.equal(await selected(), "Right");
});

test("turning the device arranges the screen anew; a respawn leaves it as it is", async () => {
  const { game, screen } = await play(true);
  const before = find((await screen()).gui, "Prompt").properties.Text;
  const direction = async () => find((await screen()).gui, "Body").children.find((child) => child.class === "UIListLayout").properties.FillDirection;
  assert.equal(await direction(), "Horizontal");
  await game.run('mock.resize("ada", 375, 667, 58, 0) mock.advance(1)');
  assert.equal(await direction(), "Vertical");
  await game.run('mock.respawn("ada")');
  assert.equal(find((await screen()).gui, "Prompt").properties.Text, before);
  assert.deepEqual(faultsOf(await screen()), []);
});

test("the player list goes where it would lie over the panel, touch controls always", async () => {
  const { game } = await play(false);
  assert.equal(await game.get("mock.coreGui.PlayerList"), false);
  await game.run('mock.resize("ada", 1920, 1080, 58, 0) mock.advance(1)');
  assert.equal(await game.get("mock.coreGui.PlayerList"), true);
  assert.equal(await game.get('game:GetService("GuiService").TouchControlsEnabled'), false);
});

test("an answer that the server did not get can be given again", async () => {
  const { game, press } = await play(true);
  const text = (name) => game.get(`mock.find("ada", "${name}").Text`);
  const prompt = await text("Prompt");
  await game.run("mock.isOffline = true");
  await press("Option1");
  assert.match(await text("Title"), /does not answer/);
  await press("Again");
  assert.match(await text("Title"), /does not answer/);
  await game.run("mock.isOffline = false");
  await press("Again");
  assert.equal(await text("Prompt"), prompt);
  await press("Option1");
  assert.match(await text("Verdict"), /Right|Not quite/);
  assert.deepEqual(await game.errors(), []);
});

test("what became of an answer is said in words, not by a colour alone", async () => {
  const { game, press, screen } = await play(true);
  await press("Option1");
  const { gui } = await screen();
  const verdict = find(gui, "Verdict").properties.Text;
  assert.match(find(gui, "Option1").properties.Text, verdict === "Right!" ? /Your answer: right$/ : /Your answer: not right$/);
  // It stands first, where it is in sight without scrolling.
  const lead = find(gui, "Lead").children.filter((child) => child.class === "Frame");
  const first = lead.reduce((a, b) => (a.properties.LayoutOrder <= b.properties.LayoutOrder ? a : b));
  assert.equal(first.name, "Feedback");
  assert.deepEqual(await game.errors(), []);
});

test("an empty answer is not sent, and the player is told", async () => {
  const spec = readSpec("every-type");
  const { game, press } = await play(false);
  const { stages, questions } = await game.data();
  const shown = new Map(Object.values(questions).map((question) => [question.id, question]));
  await press("Go");
  for (const id of Object.values(Object.values(stages)[0].questions)) {
    const question = spec.questions.find((one) => one.id === id);
    if (await game.get('mock.find("ada", "Answer") ~= nil')) {
      await press("Submit");
      assert.equal(await game.get('mock.find("ada", "Hint").Text'), "Type an answer first.");
      assert.equal(await game.get('mock.find("ada", "Verdict") == nil'), true);
      return;
    }
    const response = rightResponse(question, shown.get(id));
    await game.answer("ada", id, response);
    await press("Back");
    await press("Stage1");
  }
  assert.fail("no question of the first stage is typed");
});
