// The generated game is played, honestly and not. One spec a process: the machines of a process
// share one small memory and do not give it back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Game, rightResponse, wrongResponse } from "./game.mjs";
import { generate, readSpec } from "./lesson.mjs";

export function playAll(name) {
  const spec = readSpec(name);
  const folder = generate(name, `game-${name}`);
  const total = spec.questions.length;

  test(`${name}: all right gives every point, all wrong gives none`, async () => {
    const game = await Game.open(folder);
    const { questions } = await game.data();
    await game.join("ada");
    await game.join("bob");
    assert.equal((await game.start("ada")).total, total);
    for (const [i, question] of spec.questions.entries()) {
      await game.wait(5);
      const right = await game.answer("ada", question.id, rightResponse(question, questions[i]));
      assert.deepEqual(
        { accepted: right.accepted, correct: right.correct, score: right.score, answered: right.answered },
        { accepted: true, correct: true, score: i + 1, answered: i + 1 },
        question.id,
      );
      assert.equal(right.explanation, question.explanation);
      const wrong = await game.answer("bob", question.id, wrongResponse(question, questions[i]));
      assert.deepEqual([wrong.accepted, wrong.correct, wrong.score], [true, false, 0], question.id);
      assert.ok(wrong.solution.length > 0);
    }
    assert.deepEqual(await game.stats("ada"), [total, total]);
    assert.deepEqual(await game.stats("bob"), [0, 0]);
  });

  test(`${name}: forged calls change nothing and tell nothing`, async () => {
    const game = await Game.open(folder);
    await game.join("eve");
    const forgedIds = ["nil", "1", "true", "{}", '"q999"', '""', '"Q1"', '"q1\\0"', '("q"):rep(100000)', "0/0", '{"q1"}'];
    for (const id of forgedIds) {
      await game.wait(5);
      const reply = await game.answerRaw("eve", id, "1");
      assert.equal(reply.accepted, false, id);
      assert.equal(reply.solution + reply.explanation, "", id);
    }
    const never = ["nil", "0/0", "math.huge", "-math.huge", "-1", "0", "7", "1.5", "{}", "{1}", "{1,1,1,1}",
      "{0,1,2}", '{1,2,"3"}', "{[1]=1,[3]=3}", "{1,2,3,4,5,6,7}", "{a=1}", "{{1},{2},{3}}", '("x"):rep(201)', '"\\255\\254"',
      '"  "', '""', "function() end", "{1,2,3,4,x=5}", "{1.5,2,3}", "{0/0,1,2}"];
    for (const question of spec.questions) {
      const list = [...never];
      if (question.type !== "choice" ) list.push("1", "2");
      if (question.type !== "true_false") list.push("true", "false");
      if (!["cloze", "short"].includes(question.type)) list.push('"1"', '"true"');
      for (const response of list) {
        await game.wait(5);
        const reply = await game.answerRaw("eve", `"${question.id}"`, response);
        assert.equal(reply.accepted, false, `${question.id} ${response}`);
        assert.equal(reply.reason, "malformed", `${question.id} ${response}`);
        assert.equal(reply.solution + reply.explanation, "", `${question.id} ${response}`);
      }
    }
    await game.wait(5);
    assert.deepEqual(await game.stats("eve"), [0, 0]);
    assert.deepEqual((await game.start("eve")).answered, {});
  });

  test(`${name}: a question counts once`, async () => {
    const game = await Game.open(folder);
    const { questions } = await game.data();
    await game.join("eve");
    const [question] = spec.questions;
    const wrong = await game.answer("eve", question.id, wrongResponse(question, questions[0]));
    assert.equal(wrong.accepted, true);
    for (let i = 0; i < 3; i++) {
      await game.wait(5);
      const again = await game.answer("eve", question.id, rightResponse(question, questions[0]));
      assert.deepEqual([again.accepted, again.reason, again.score, again.solution], [false, "already_answered", 0, ""]);
    }
    // Nor does starting over in the middle give another try.
    await game.wait(5);
    assert.deepEqual((await game.start("eve")).answered, { [question.id]: false });
    assert.deepEqual(await game.stats("eve"), [0, 0]);
  });

  test(`${name}: a flood is refused, and harms only its sender`, async () => {
    const game = await Game.open(folder);
    const { questions } = await game.data();
    await game.join("eve");
    await game.join("ada");
    const refused = await game.get(`(function()
      local n = 0
      for i = 1, 1000 do
        if mock.call("eve", "Answer", "q1", {}).reason == "too_fast" then n += 1 end
      end
      return n
    end)()`);
    assert.ok(refused >= 990, `${refused} refused`);
    const [question] = spec.questions;
    const right = rightResponse(question, questions[0]);
    assert.equal((await game.answer("eve", question.id, right)).reason, "too_fast");
    assert.equal((await game.answer("ada", question.id, right)).correct, true);
    assert.deepEqual(await game.stats("eve"), [0, 0]);
    await game.wait(5);
    assert.equal((await game.answer("eve", question.id, right)).correct, true);
  });

  test(`${name}: a new attempt begins after the last question, the best score stays`, async () => {
    const game = await Game.open(folder);
    const { questions } = await game.data();
    await game.join("ada");
    for (const attempt of [rightResponse, wrongResponse]) {
      await game.wait(9);
      const begun = await game.start("ada");
      assert.deepEqual([begun.accepted, begun.score, Object.keys(begun.answered).length], [true, 0, 0]);
      for (const [i, question] of spec.questions.entries()) {
        await game.wait(5);
        await game.answer("ada", question.id, attempt(question, questions[i]));
      }
    }
    assert.deepEqual(await game.stats("ada"), [0, total]);
  });

  test(`${name}: who leaves is forgotten, who is not there gets nothing`, async () => {
    const game = await Game.open(folder);
    const { questions } = await game.data();
    const [question] = spec.questions;
    await game.join("ada");
    await game.answer("ada", question.id, rightResponse(question, questions[0]));
    await game.run('gone = game:GetService("Players"):FindFirstChild("ada") mock.leave("ada")');
    const reply = await game.get(`(function()
      mock.localPlayer = gone
      return game:GetService("ReplicatedStorage").LessonRemotes.Answer:InvokeServer("q1", 1)
    end)()`);
    assert.deepEqual([reply.accepted, reply.reason, reply.solution], [false, "not_here", ""]);
    await game.join("ada");
    assert.deepEqual(await game.stats("ada"), [0, 0]);
  });

  test(`${name}: a player's device holds the questions and no key`, async () => {
    const game = await Game.open(folder);
    const data = await game.data();
    assert.deepEqual(Object.keys(data).sort(), ["objectives", "questions", "title"]);
    assert.equal(data.title, spec.title);
    assert.deepEqual(data.objectives, spec.objectives);
    const public_ = ["difficulty", "id", "kind", "lefts", "options", "prompt", "section"];
    for (const [i, question] of spec.questions.entries()) {
      const shown = data.questions[i];
      assert.deepEqual(Object.keys(shown).sort(), public_);
      assert.equal(shown.prompt, question.prompt);
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
    const game = await Game.open(folder);
    const { questions } = await game.data();
    await game.join("ada");
    const client = 'game:GetService("StarterPlayer").StarterPlayerScripts.UI';
    await game.run(`mock.openClient("ada", ${client})`);
    const press = (button) => game.run(`mock.press("ada", "${button}")`);
    const text = (label) => game.get(`mock.find("ada", "${label}").Text`);
    assert.equal(await text("Title"), spec.title);
    await press("Start");
    for (const [i, question] of spec.questions.entries()) {
      assert.equal(await text("Prompt"), question.prompt);
      const right = rightResponse(question, questions[i]);
      if (question.type === "choice") {
        await game.run(`mock.key("${["One", "Two", "Three", "Four", "Five"][right - 1]}")`);
      } else if (question.type === "true_false") {
        await press(right ? "Option1" : "Option2");
      } else if (question.type === "match") {
        await press("Submit");
        assert.match(await text("Submit"), /different partner/);
        for (const [pair, option] of right.entries()) {
          const button = `mock.find("ada", "Right", mock.find("ada", "Pair${pair + 1}"))`;
          for (let press = 0; press < option; press++) await game.run(`${button}.Activated:Fire()`);
          assert.equal(await game.get(`${button}.Text`), question.pairs[pair].right);
        }
        await press("Submit");
      } else if (question.type === "order") {
        const line = async (place) => (await text(`Line${place}`)).slice(`${place}.  `.length);
        for (let place = 1; place <= question.items.length; place++) {
          for (let at = place; at <= question.items.length; at++) {
            if ((await line(at)) !== question.items[place - 1]) continue;
            for (; at > place; at--) await press(`Line${at}`);
            break;
          }
        }
        await press("Submit");
      } else {
        await game.run(`mock.find("ada", "Answer").Text = ${JSON.stringify("  ")} .. mock.find("ada", "Answer").Text`);
        const box = 'mock.find("ada", "Answer")';
        const luauText = [...Buffer.from(question.answer.toUpperCase())].map((b) => `\\${String(b).padStart(3, "0")}`).join("");
        await game.run(`${box}.Text = "  ${luauText} " ${box}.FocusLost:Fire(true)`);
      }
      assert.equal(await text("Verdict"), "Right!", question.id);
      assert.equal(await text("Explanation"), question.explanation);
      if (i % 2) await press("Next");
      else await game.run('mock.key("Return")');
    }
    assert.equal(await game.get('mock.find("ada", "Score").Text'), `${total} of ${total}`);
    assert.equal(await text("Standing1"), `ada: ${total} of ${total}`);
    assert.deepEqual(await game.stats("ada"), [total, total]);
    await press("Again");
    assert.equal(await text("Prompt"), spec.questions[0].prompt);
  });
}
