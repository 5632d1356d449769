// The game is played by a class of 30 on a mock of Roblox whose stores fail one call in three: players
// join, answer, leave, come back, a server crashes, a dishonest player forges, replays and floods. A model
// of the rules, written apart from the game, says at each step what must be so.
import { join } from "node:path";
import { Game, luau, rightResponse, wrongResponse } from "./machine.mjs";
import { isMain, readJson, run } from "./tool.mjs";

const PLAYERS = 30;
const POINTS = 10;
const BADGE = 1000;

const isSame = (a, b) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const sorted = (value) =>
  value && typeof value === "object"
    ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
    : value;

// --- The rules, as the spec has them ---

export class Rules {
  constructor(spec) {
    this.questions = new Map(spec.questions.map((question) => [question.id, question]));
    this.stages = spec.sections
      .map((section) => spec.questions.filter((question) => question.section === section.id).map((q) => q.id))
      .filter((ids) => ids.length > 0);
    this.need = this.stages.map((ids) => Math.ceil((ids.length * spec.game.pass_percent) / 100));
    this.stageOf = new Map(this.stages.flatMap((ids, stage) => ids.map((id) => [id, stage])));
    const points = spec.questions.reduce((sum, question) => sum + POINTS * question.difficulty, 0);
    this.levels = spec.game.levels.map(({ percent }) => Math.floor((points * percent) / 100));
    const hasStages = this.stages.length > 1;
    this.achievements = spec.game.achievements.flatMap(({ kind, count }) => {
      if (kind === "streak") return count <= spec.questions.length ? [`streak_${count}`] : [];
      if (kind === "stage") return hasStages ? this.stages.map((_, i) => `stage_${i + 1}`) : [];
      if (kind === "passed") return hasStages ? ["every_stage"] : [];
      return [kind === "right" ? "first_right" : "perfect"];
    });
  }
}

export class Pupil {
  constructor(rules, name) {
    Object.assign(this, { rules, name, answers: {}, solved: {}, missed: {}, streak: 0, earned: new Set() });
    this.best = rules.stages.map(() => 0);
  }

  right(stage) {
    return this.rules.stages[stage].filter((id) => this.answers[id] === true).length;
  }

  isOpen(stage) {
    return stage === 0 || this.best[stage - 1] >= this.rules.need[stage - 1];
  }

  // What starting a stage does to the answers of the last try.
  start(stage) {
    const ids = this.rules.stages[stage];
    if (ids.every((id) => this.answers[id] !== undefined)) for (const id of ids) delete this.answers[id];
  }

  answer(id, isRight) {
    const stage = this.rules.stageOf.get(id);
    this.answers[id] = isRight;
    this.streak = isRight ? this.streak + 1 : 0;
    if (!isRight) this.missed[id] = true;
    else this.solved[id] ??= Math.floor((POINTS * this.rules.questions.get(id).difficulty) / (this.missed[id] ? 2 : 1));
    this.best[stage] = Math.max(this.best[stage], this.right(stage));
    this.award();
  }

  award() {
    const score = this.rules.stages.reduce((sum, _, stage) => sum + this.right(stage), 0);
    const isEarned = (id) => {
      if (id === "first_right") return Object.keys(this.solved).length > 0;
      if (id.startsWith("streak_")) return this.streak >= Number(id.slice(7));
      if (id === "every_stage") return this.rules.need.every((need, stage) => this.best[stage] >= need);
      if (id === "perfect") return score === this.rules.questions.size;
      const stage = Number(id.slice(6)) - 1;
      return this.best[stage] === this.rules.stages[stage].length;
    };
    for (const id of this.rules.achievements) if (isEarned(id)) this.earned.add(id);
  }

  get xp() {
    return Object.values(this.solved).reduce((sum, points) => sum + points, 0);
  }

  // As the remote Progress tells it.
  progress() {
    const { rules } = this;
    return {
      isReady: true,
      isSaved: true,
      score: rules.stages.reduce((sum, _, stage) => sum + this.right(stage), 0),
      total: rules.questions.size,
      xp: this.xp,
      level: rules.levels.filter((xp) => this.xp >= xp).length,
      stages: rules.stages.map((ids, stage) => ({
        isOpen: this.isOpen(stage),
        right: this.right(stage),
        answered: ids.filter((id) => this.answers[id] !== undefined).length,
        best: this.best[stage],
      })),
      achievements: rules.achievements.filter((id) => this.earned.has(id)),
    };
  }

  // As the store keeps it, without the lock.
  record() {
    const achievements = Object.fromEntries([...this.earned].map((id) => [id, true]));
    const { answers, solved, missed, best } = this;
    return { version: 1, answers, solved, missed, best, achievements };
  }
}

// --- The class ---

export class Lesson {
  constructor(game, spec, shown, add) {
    Object.assign(this, { game, spec, add });
    this.rules = new Rules(spec);
    this.shown = new Map(shown.map((question) => [question.id, question]));
    this.pupils = Array.from({ length: PLAYERS }, (_, i) => new Pupil(this.rules, `pupil${i + 1}`));
    this.count = 0;
  }

  // One comparison; a difference is a finding.
  is(got, wanted, what, place = "game") {
    this.count += 1;
    if (!isSame(got, wanted)) {
      const words = (value) => JSON.stringify(value)?.slice(0, 300);
      this.add(place, `${what}: ${words(got)} instead of ${words(wanted)}`);
    }
  }

  placeOf(id) {
    return `spec.json#/questions/${this.spec.questions.findIndex((question) => question.id === id)}`;
  }

  async all(pupils, action) {
    await this.game.run(pupils.map((pupil) => action(luau(pupil.name))).join(" "));
  }

  // Calls of many players in one go; each a Luau argument list.
  calls(list) {
    const calls = list.map(([name, remote, args]) => `mock.call(${luau(name)}, "${remote}"${args ? `, ${args}` : ""})`);
    return this.game.get(`{${calls.join(",")}}`);
  }

  async join(pupils) {
    await this.all(pupils, (name) => `mock.join(${name})`);
    await this.game.wait(60);
  }

  async leave(pupils) {
    await this.all(pupils, (name) => `mock.leave(${name})`);
    await this.game.wait(60);
  }

  // Opens a server whose achievements have badges.
  async open() {
    const badges = this.rules.achievements.map((id, i) => `badges.${id} = ${BADGE + i}`).join(" ");
    await this.game.run("mock.open()");
    await this.game.run(`local badges = mock.require(game:GetService("ServerScriptService").Settings).badges ${badges}`);
  }

  async start(pupils, stage) {
    const calls = pupils.map((pupil) => `mock.call("${pupil.name}", "Start", ${stage + 1}).accepted`);
    const replies = await this.game.get(`{${calls.join(",")}}`);
    for (const [i, pupil] of pupils.entries()) {
      this.is(replies[i], pupil.isOpen(stage), `${pupil.name} starts stage ${stage + 1}`);
      if (pupil.isOpen(stage)) pupil.start(stage);
    }
    await this.game.wait(1);
  }

  // Everybody answers one question; who has not opened its stage is refused.
  async answer(pupils, id, isRight) {
    const question = this.rules.questions.get(id);
    const shown = this.shown.get(id);
    const calls = pupils.map((pupil) => `told(mock.call("${pupil.name}", "Answer", id, ${isRight(pupil) ? "right" : "wrong"}))`);
    const replies = await this.game.get(`(function()
      local id, right, wrong = ${luau(id)}, ${luau(rightResponse(question, shown))}, ${luau(wrongResponse(question, shown))}
      local function told(reply)
        return { reply.accepted, reply.correct, reply.gained, reply.explanation }
      end
      return { ${calls.join(",")} }
    end)()`);
    for (const [i, pupil] of pupils.entries()) {
      const reply = replies[i];
      const before = pupil.xp;
      const isOpen = pupil.isOpen(this.rules.stageOf.get(id));
      if (isOpen) pupil.answer(id, isRight(pupil));
      const wanted = isOpen ? [true, isRight(pupil), pupil.xp - before, question.explanation] : [false, false, 0, ""];
      this.is(reply, wanted, `${pupil.name} answers ${isRight(pupil) ? "right" : "wrong"}`, this.placeOf(id));
    }
    await this.game.wait(1);
  }

  async play(pupils, stage, isRight) {
    await this.start(pupils, stage);
    for (const id of this.rules.stages[stage]) await this.answer(pupils, id, (pupil) => isRight(pupil, id));
  }

  async compareProgress(pupils, when) {
    const replies = await this.calls(pupils.map((pupil) => [pupil.name, "Progress"]));
    for (const [i, pupil] of pupils.entries()) {
      const wanted = pupil.progress();
      const got = replies[i].progress;
      this.is({ ...got, achievements: Object.values(got.achievements) }, wanted, `${when}, the progress of ${pupil.name}`);
    }
    await this.game.wait(5);
  }

  async compareSaved(pupils, when) {
    const saved = await this.game.get(`{${pupils.map((pupil) => `mock.saved(${luau(pupil.name)})`).join(",")}}`);
    for (const [i, pupil] of pupils.entries()) this.is(saved[i], pupil.record(), `${when}, what is saved of ${pupil.name}`);
  }

  async compareBadges() {
    const wanted = {};
    for (const [i, pupil] of this.pupils.entries()) {
      for (const id of pupil.earned) wanted[`${i + 1}:${BADGE + this.rules.achievements.indexOf(id)}`] = true;
    }
    this.is(await this.game.get("mock.badges"), wanted, "badges");
    this.is(await this.game.get("mock.badgeCalls"), Object.keys(wanted).length, "badges given");
  }

  async compareLeaders() {
    await this.calls([[this.pupils[0].name, "Leaders"]]);
    await this.game.wait(120);
    const [reply] = await this.calls([[this.pupils[0].name, "Leaders"]]);
    const wanted = [...this.pupils]
      .filter((pupil) => pupil.xp > 0)
      .sort((a, b) => b.xp - a.xp || this.pupils.indexOf(a) - this.pupils.indexOf(b))
      .slice(0, 10)
      .map((pupil) => pupil.xp);
    this.is(Object.values(reply.leaders).map((leader) => leader.xp), wanted, "the leaderboard");
  }

  // Nothing that a client sends may change anything or tell anything.
  async forge(pupil) {
    const ids = ["nil", "1", "true", "{}", '"q999"', '""', '"Q1"', '"q1\\0"', '("q"):rep(100000)', "0/0", '{"q1"}'];
    const values = ["nil", "0/0", "math.huge", "-math.huge", "-1", "0", "99", "1.5", "{}", "{1}", "{1,1,1,1}", "{0,1,2}",
      '{1,2,"3"}', "{[1]=1,[3]=3}", "{1,2,3,4,5,6,7}", "{a=1}", "{{1},{2},{3}}", '("x"):rep(201)', '"\\255\\254"', '"  "',
      '""', "function() end", "{1,2,3,4,x=5}", "{1.5,2,3}", "{0/0,1,2}"];
    const stages = ["nil", "0", "-1", "1.5", "0/0", "math.huge", '"1"', "{}", "true", "99", "function() end"];
    const calls = [
      ...ids.map((id) => ["Answer", `${id}, 1`]),
      ...this.spec.questions.flatMap((question) => values.map((value) => ["Answer", `"${question.id}", ${value}`])),
      ...stages.map((stage) => ["Start", stage]),
    ];
    const list = calls.map(([remote, args]) => `function() return mock.call("${pupil.name}", "${remote}", ${args}) end`);
    for (let from = 0; from < list.length; from += 100) {
      const told = await this.game.get(`(function()
        local told = {}
        for i, call in ipairs({${list.slice(from, from + 100).join(",")}}) do
          mock.advance(1)
          local reply = call()
          if reply.accepted or reply.reason == "too_fast" or (reply.solution or "") .. (reply.explanation or "") ~= "" then
            table.insert(told, i)
          end
        end
        return told
      end)()`);
      for (const i of Object.values(told)) this.add("game", `a forged call was not refused: ${calls[from + i - 1].join(" ").slice(0, 80)}`);
    }
    this.count += calls.length;
  }

  // The same call again, and a thousand in no time.
  async replay(pupil) {
    const [id] = this.rules.stages[0];
    const args = `${luau(id)}, ${luau(rightResponse(this.rules.questions.get(id), this.shown.get(id)))}`;
    const [again] = await this.calls([[pupil.name, "Answer", args]]);
    this.is([again.accepted, again.reason, again.gained, again.solution], [false, "already_answered", 0, ""], "a replayed answer");
    const refused = await this.game.get(`(function()
      local n = 0
      for i = 1, 1000 do
        local reply = mock.call("${pupil.name}", "Answer", ${args})
        if not reply.accepted and reply.solution == "" then n += 1 end
      end
      return n
    end)()`);
    this.is(refused, 1000, "refused calls of a flood");
    const [flooded] = await this.calls([[pupil.name, "Answer", args]]);
    this.is(flooded.reason, "too_fast", "a call after a flood");
    await this.game.wait(10);
  }
}

export async function check(folder, modules, add) {
  const spec = readJson(join(folder, "spec.json"));
  const game = await Game.create(folder, modules);
  await game.run("mock.failEvery = 3 mock.open()");
  const { questions } = await game.data();
  const lesson = new Lesson(game, spec, Object.values(questions), add);
  const { pupils, rules } = lesson;
  await lesson.open();

  // Some are right always, some never at first, most now and then.
  const isRight = (pupil, id) => {
    const i = pupils.indexOf(pupil);
    return i < 3 || (i > 4 && (i * 7 + spec.questions.findIndex((question) => question.id === id) * 3) % 5 !== 0);
  };
  await lesson.join(pupils);
  await lesson.compareProgress(pupils, "at the beginning");
  await lesson.play(pupils, 0, isRight);
  await lesson.replay(pupils[1]);
  await lesson.forge(pupils[0]);
  await lesson.compareProgress(pupils, "after the first stage");

  // Half of them leave and come back to the same server, then all to another one.
  await lesson.leave(pupils.slice(0, 15));
  for (const pupil of pupils.slice(0, 15)) pupil.streak = 0;
  await lesson.join(pupils.slice(0, 15));
  for (let stage = 1; stage < rules.stages.length; stage += 1) await lesson.play(pupils, stage, isRight);
  await lesson.compareProgress(pupils, "after every stage");
  await game.run("mock.close()");
  await lesson.compareSaved(pupils, "after the server's end");

  // A server that crashes has saved all that is older than a minute; its lock runs out.
  for (const pupil of pupils) pupil.streak = 0;
  await lesson.open();
  await lesson.join(pupils);
  await lesson.compareProgress(pupils, "on the next server");
  await lesson.play(pupils, 0, () => true);
  await game.wait(150);
  await game.run("mock.crash()");
  for (const pupil of pupils) pupil.streak = 0;
  await lesson.open();
  await lesson.join(pupils);
  const [early] = await lesson.calls([[pupils[0].name, "Start", "1"]]);
  lesson.is(early.reason, "loading", "while the crashed server's lock holds");
  await game.wait(240);
  await lesson.compareProgress(pupils, "after the crash");
  for (let stage = 1; stage < rules.stages.length; stage += 1) await lesson.play(pupils, stage, () => true);
  await game.wait(120);
  await lesson.compareBadges();
  await lesson.compareLeaders();
  await game.run("mock.close()");
  await lesson.compareSaved(pupils, "at the end");
  for (const error of await game.errors()) add("game", error);
  // How many calls there were hangs on the order in which Luau walks its tables, and is not told: the
  // same lesson must give the same report.
  const [calls, failures] = await game.get("{ mock.calls, mock.failures }");
  lesson.is(failures, Math.floor(calls / 3), "failed calls of the stores");
  return `${PLAYERS} players, ${lesson.count} comparisons, one store call in three failed, nothing lost`;
}

if (isMain(import.meta.url)) await run(check);
