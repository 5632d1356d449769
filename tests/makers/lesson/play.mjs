// A generated game, looked at from close by: what the check `game` proves with a whole class is here told
// for one player at a time, and the interface is played. One spec a process: the machines of a process
// share one small memory and do not give it back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Game, luau, rightResponse, wrongResponse } from "../../../src/makers/lesson/check/tools/machine.mjs";
import { Rules } from "../../../src/makers/lesson/check/tools/game.mjs";
import { generate, modules, readSpec } from "./lesson.mjs";

export function playAll(name) {
  const spec = readSpec(name);
  const folder = generate(name, `game-${name}`);
  const rules = new Rules(spec);
  const byId = new Map(spec.questions.map((question) => [question.id, question]));
  const open = () => Game.open(folder, modules);
  const shownOf = async (game) => new Map(Object.values((await game.data()).questions).map((q) => [q.id, q]));

  // Plays a stage; `make` gives the response.
  async function play(game, player, stage, make) {
    const shown = await shownOf(game);
    assert.equal((await game.start(player, stage + 1)).accepted, true);
    const replies = [];
    for (const id of rules.stages[stage]) {
      await game.wait(2);
      replies.push(await game.answer(player, id, make(byId.get(id), shown.get(id))));
    }
    await game.wait(2);
    return replies;
  }

  test(`${name}: a stage opens when enough of the one before it is right, and not earlier`, async () => {
    const game = await open();
    await game.join("ada");
    const shown = await shownOf(game);
    for (let stage = 1; stage < rules.stages.length; stage += 1) {
      assert.equal((await game.start("ada", stage + 1)).reason, "locked");
      const id = rules.stages[stage][0];
      const reply = await game.answer("ada", id, rightResponse(byId.get(id), shown.get(id)));
      assert.deepEqual([reply.accepted, reply.reason, reply.solution], [false, "locked", ""]);
      await game.wait(5);
    }
    await play(game, "ada", 0, wrongResponse);
    if (rules.stages.length > 1) assert.equal((await game.start("ada", 2)).reason, "locked");
    await play(game, "ada", 0, rightResponse);
    if (rules.stages.length > 1) assert.equal((await game.start("ada", 2)).accepted, true);
    assert.deepEqual(await game.errors(), []);
  });

  test(`${name}: what was wrong first gives half the points, and nothing gives points twice`, async () => {
    const game = await open();
    await game.join("ada");
    const points = (ids, share) => ids.reduce((sum, id) => sum + Math.floor(10 * byId.get(id).difficulty * share), 0);
    const xp = async () => (await game.progress("ada")).xp;
    await play(game, "ada", 0, wrongResponse);
    assert.equal(await xp(), 0);
    await play(game, "ada", 0, rightResponse);
    assert.equal(await xp(), points(rules.stages[0], 0.5));
    for (const reply of await play(game, "ada", 0, rightResponse)) assert.deepEqual([reply.correct, reply.gained], [true, 0]);
    assert.equal(await xp(), points(rules.stages[0], 0.5));
  });

  test(`${name}: a question counts once a try, and a try is not given up half way`, async () => {
    const game = await open();
    await game.join("eve");
    const shown = await shownOf(game);
    const [id] = rules.stages[0];
    assert.equal((await game.answer("eve", id, wrongResponse(byId.get(id), shown.get(id)))).accepted, true);
    for (let i = 0; i < 3; i += 1) {
      await game.wait(5);
      const again = await game.answer("eve", id, rightResponse(byId.get(id), shown.get(id)));
      assert.deepEqual([again.accepted, again.reason, again.solution, again.gained], [false, "already_answered", "", 0]);
    }
    if (rules.stages[0].length > 1) assert.deepEqual((await game.start("eve", 1)).answered, { [id]: false });
    assert.equal((await game.stats("eve"))[2], 0);
  });

  test(`${name}: a flood harms only its sender`, async () => {
    const game = await open();
    await game.join("eve");
    await game.join("ada");
    const shown = await shownOf(game);
    const [id] = rules.stages[0];
    await game.run('for i = 1, 1000 do mock.call("eve", "Answer", "q1", {}) mock.call("eve", "Leaders") end');
    const right = rightResponse(byId.get(id), shown.get(id));
    assert.equal((await game.answer("eve", id, right)).reason, "too_fast");
    assert.equal((await game.answer("ada", id, right)).correct, true);
    await game.wait(5);
    assert.equal((await game.answer("eve", id, right)).correct, true);
  });

  test(`${name}: who has left gets nothing, and finds everything when coming back`, async () => {
    const game = await open();
    await game.join("ada");
    const replies = await play(game, "ada", 0, rightResponse);
    const before = replies.at(-1).progress;
    await game.run('gone = game:GetService("Players"):FindFirstChild("ada") mock.leave("ada")');
    const reply = await game.get('mock.callAs(gone, "Answer", "q1", 1)');
    assert.deepEqual([reply.accepted, reply.reason, reply.solution], [false, "not_here", ""]);
    await game.wait(10);
    assert.equal((await game.saved("ada")).lock, undefined);
    await game.join("ada");
    assert.deepEqual(await game.progress("ada"), before);
    assert.equal((await game.saved("ada")).lock.session, "job-1");
  });

  test(`${name}: two servers never have a player at once`, async () => {
    const game = await open();
    await game.join("ada");
    await play(game, "ada", 0, rightResponse);
    await game.run("first = mock.server mock.open()");
    await game.join("ada", 20);
    assert.equal((await game.start("ada", 1)).reason, "loading");
    await game.run("second = mock.server mock.use(first)");
    await game.run('mock.leave("ada") mock.advance(20) mock.use(second)');
    assert.equal((await game.start("ada", 1)).accepted, true);
    assert.equal((await game.saved("ada")).lock.session, "job-2");
    assert.ok((await game.progress("ada")).xp > 0);
  });

  test(`${name}: a store that is down costs nothing but time`, async () => {
    const game = await open();
    await game.run("mock.failEvery = 1");
    await game.join("ada", 60);
    assert.equal((await game.progress("ada")).isSaved, false);
    await play(game, "ada", 0, rightResponse);
    const { xp } = await game.progress("ada");
    assert.ok(xp > 0);
    await game.run("mock.failEvery = 0");
    await game.wait(200);
    const progress = await game.progress("ada");
    assert.deepEqual([progress.isSaved, progress.xp], [true, xp]);
    assert.equal(Object.keys((await game.saved("ada")).solved).length, rules.stages[0].length);
  });

  test(`${name}: a damaged record is read as far as it makes sense`, async () => {
    const game = await open();
    await game.join("ada");
    await game.run('mock.leave("ada") mock.advance(10)');
    for (const bad of ["true", "7", "{}", '{solved="x",best={1e9,-1},missed={q1=2},answers={q1="yes"},lock=3}',
      '{solved={q1=-5,q2=1e99,q3="9"},best={[2]="x"},achievements={perfect=1},lock={session=1,expires="x"}}']) {
      await game.run(`for name, store in pairs(mock.stores) do if name:find("^Lesson_") then store.values.player_1 = ${bad} end end`);
      await game.join("ada");
      const { xp, score, achievements } = await game.progress("ada");
      assert.deepEqual([xp, score, Object.values(achievements)], [0, 0, []], bad);
      await game.run('mock.leave("ada") mock.advance(10)');
    }
    assert.deepEqual(await game.errors(), []);
  });

  test(`${name}: a player's device holds the questions and no key`, async () => {
    const game = await open();
    const data = await game.data();
    assert.deepEqual(Object.keys(data).sort(), ["achievements", "id", "levels", "objectives", "questions", "stages", "title"]);
    assert.equal(data.title, spec.title);
    assert.deepEqual(data.objectives, spec.objectives);
    const public_ = ["difficulty", "id", "kind", "lefts", "options", "prompt", "section", "stage", "unit"];
    for (const [i, question] of spec.questions.entries()) {
      const shown = data.questions[i];
      assert.deepEqual(Object.keys(shown).sort(), public_);
      assert.equal(shown.prompt, question.prompt);
      assert.equal(shown.unit, question.unit ?? "");
      const options = {
        choice: () => [question.answer, ...question.distractors],
        match: () => question.pairs.map((pair) => pair.right),
        order: () => question.items,
      }[question.type]?.();
      assert.deepEqual([...Object.values(shown.options)].sort(), [...(options ?? [])].sort());
      if (question.type === "order") assert.notDeepEqual(shown.options, question.items);
    }
  });

  test(`${name}: the interface plays the whole lesson`, async () => {
    const game = await open();
    const shown = await shownOf(game);
    await game.join("ada");
    await game.openClient("ada");
    const press = (button) => game.run(`mock.press("ada", "${button}") mock.advance(1)`);
    const text = (label) => game.get(`mock.find("ada", "${label}").Text`);
    const isThere = (label) => game.get(`mock.find("ada", "${label}") ~= nil`);
    assert.equal(await text("Title"), spec.title);
    await press("Start");
    assert.match(await text("Stage1"), /questions$/);
    if (rules.stages.length > 1) {
      assert.match(await text("Stage2"), /Locked/);
      await press("Stage2");
      assert.equal(await isThere("Prompt"), false);
    }
    await press("Go");
    for (const [stage, ids] of rules.stages.entries()) {
      for (const [i, id] of ids.entries()) {
        const question = byId.get(id);
        assert.equal(await text("Prompt"), question.prompt);
        await answer(game, question, shown.get(id), press, text);
        assert.equal(await text("Verdict"), "Right!", id);
        assert.equal(await text("Explanation"), question.explanation);
        assert.equal(await text("Gained"), `+${10 * question.difficulty} XP`);
        if (i % 2) await press("Next");
        else await game.run('mock.key("Return") mock.advance(1)');
      }
      assert.equal(await text("Score"), `${ids.length} of ${ids.length}`);
      if (stage + 1 < rules.stages.length) await press("Onward");
    }
    await game.run('mock.key("Backspace") mock.advance(1)');
    assert.match(await text("Stage1"), /All \d+ right/);
    assert.match(await text("Level"), /^Level 5: Master/);
    await press("AchievementsButton");
    assert.match(await text("Achievement1"), /^★ /);
    await game.run('mock.key("ButtonB") mock.advance(1)');
    await press("LeadersButton");
    assert.match(await text("Leader1"), /^1\. {2}ada: \d+ XP$/);
    assert.deepEqual(await game.errors(), []);
  });

  async function answer(game, question, shown, press, text) {
    const right = rightResponse(question, shown);
    if (question.type === "choice") {
      await game.run(`mock.key("${["One", "Two", "Three", "Four", "Five"][right - 1]}")`);
    } else if (question.type === "true_false") {
      await press(right ? "Option1" : "Option2");
    } else if (question.type === "match") {
      // The first partner is given to the second pair, from where it moves.
      const choose = async (pair, option) => {
        await game.run(`mock.find("ada", "Right", mock.find("ada", "Pair${pair + 1}")).Activated:Fire()`);
        await press(`Option${option}`);
      };
      await choose(1, right[0]);
      for (const [pair, option] of right.entries()) {
        await choose(pair, option);
        assert.equal(await game.get(`mock.find("ada", "Right", mock.find("ada", "Pair${pair + 1}")).Text`), question.pairs[pair].right);
        assert.equal(await text("Submit"), pair + 1 < right.length ? "Choose the next" : "Check");
      }
      await press("Submit");
    } else if (question.type === "order") {
      const line = async (place) => (await game.get(`mock.find("ada", "Text", mock.find("ada", "Line${place}")).Text`)).slice(`${place}.  `.length);
      for (let place = 1; place <= question.items.length; place += 1) {
        for (let at = place; at <= question.items.length; at += 1) {
          if ((await line(at)) !== question.items[place - 1]) continue;
          for (; at > place; at -= 1) await game.run(`mock.find("ada", "Up", mock.find("ada", "Line${at}")).Activated:Fire()`);
          break;
        }
      }
      await press("Submit");
    } else {
      if (question.unit) assert.equal(await text("Unit"), question.unit);
      const typed = luau(question.type === "number" ? right : `  ${question.answer.toUpperCase()} `);
      await game.run(`mock.find("ada", "Answer").Text = ${typed}`);
      await game.run('mock.find("ada", "Answer").FocusLost:Fire(true)');
    }
  }
}
