// Walks a simulated player through every screen of a lesson's game, on several devices, and shows each to a
// visitor: the beginning, waiting, the stages, each question asked, answered right and answered wrong, results,
// achievements, the leaderboard, a server that does not answer.
import { join } from "node:path";
import { Game, luau, rightResponse, wrongResponse } from "./machine.mjs";
import { readJson } from "./tool.mjs";

// Pixels as Roblox counts them. The top bar takes 58 of them at the top, on a television more.
export const VIEWS = [
  { name: "phone", width: 667, height: 375, top: 58, side: 0, display: "Small", hasGamepad: false },
  { name: "phone-upright", width: 375, height: 667, top: 58, side: 0, display: "Small", hasGamepad: false },
  { name: "phone-notch", width: 812, height: 375, top: 58, side: 44, display: "Small", hasGamepad: false },
  { name: "tablet", width: 1024, height: 768, top: 58, side: 0, display: "Small", hasGamepad: false },
  { name: "desktop", width: 1920, height: 1080, top: 58, side: 0, display: "Medium", hasGamepad: true },
  { name: "television", width: 1920, height: 1080, top: 87, side: 0, display: "Large", hasGamepad: true },
];

const PLAYER = "A player with a long name";

class Walk {
  constructor(game, spec, views, visit, isWanted) {
    Object.assign(this, { game, spec, views, visit, isWanted });
    this.stageNumber = 0; // outside of the stages
    this.index = new Map(spec.questions.map((question, i) => [question.id, i]));
  }

  wants(step) {
    return this.views.some((view) => this.isWanted(step, view, this.stageNumber));
  }

  async see(step, question) {
    for (const view of this.views.filter((one) => this.isWanted(step, one, this.stageNumber))) {
      await this.game.run(`mock.resize(${luau(PLAYER)}, ${view.width}, ${view.height}, ${view.top}, ${view.side})`);
      const screen = await this.game.screen(PLAYER);
      await this.visit({ step, view, screen, index: this.index.get(question?.id) });
    }
  }

  // One press each, and the time that the server's limit wants.
  async press(...names) {
    for (const name of names) {
      const [button, parent] = name.split("<");
      const inside = parent ? `, mock.find(${luau(PLAYER)}, "${parent}")` : "";
      await this.game.run(`local button = mock.find(${luau(PLAYER)}, "${button}"${inside}) or error("there is no ${name}")
        if button.Active then button.Activated:Fire() end mock.advance(1)`);
    }
  }

  async begin() {
    const { game } = this;
    await game.run(`mock.failEvery = 1 mock.setDevice("${this.views[0].display}", ${this.views[0].hasGamepad}) mock.join(${luau(PLAYER)})`);
    await game.openClient(PLAYER);
    await this.see("start");
    await this.press("Start");
    await this.see("waiting");
    await game.wait(20);
    await this.see("stages-unsaved");
    await game.run("mock.failEvery = 0 mock.advance(200)");
    await game.run("mock.isOffline = true");
    await this.press("LeadersButton");
    await this.see("no-connection");
    await game.run("mock.isOffline = false");
    await this.press("Again");
    await this.see("leaders-empty");
    await this.press("Back");
  }

  async answer(question, shown, isRight) {
    const response = (isRight ? rightResponse : wrongResponse)(question, shown);
    if (question.type === "choice") await this.press(`Option${response}`);
    else if (question.type === "true_false") await this.press(response ? "Option1" : "Option2");
    else if (question.type === "match") await this.match(response);
    else if (question.type === "order") await this.order(response);
    else await this.type(String(response));
  }

  async match(response) {
    for (const [pair, option] of response.entries()) await this.press(`Right<Pair${pair + 1}`, `Option${option}`);
    await this.press("Submit");
  }

  async order(response) {
    const order = response.map((_, i) => i + 1);
    for (const [place, option] of response.entries()) {
      for (let at = order.indexOf(option); at > place; at -= 1) {
        await this.press(`Up<Line${at + 1}`);
        [order[at - 1], order[at]] = [order[at], order[at - 1]];
      }
    }
    await this.press("Submit");
  }

  async type(text) {
    await this.game.run(`local box = mock.find(${luau(PLAYER)}, "Answer")
      box.Text = ${luau(text)} box.FocusLost:Fire(true) mock.advance(1)`);
  }

  async stage(number, ids, shown, isRight) {
    await this.press(`Stage${number}`);
    for (const id of ids) {
      const question = this.spec.questions[this.index.get(id)];
      if (isRight) {
        await this.see(`${id}-asked`, question);
        if (question.type === "match") {
          await this.press("Right<Pair1", "Option1", "Right<Pair2");
          await this.see(`${id}-partners`, question);
          await this.press("Back");
        }
      }
      await this.answer(question, shown.get(id), isRight);
      await this.see(`${id}-${isRight ? "right" : "wrong"}`, question);
      await this.press("Next");
    }
    await this.see(`stage-${number}-${isRight ? "won" : "lost"}`);
    await this.press("Back");
  }
}

// Calls visit({ step, view, screen, index }); `index` is the question's place in the spec, where there is one.
// isWanted(step, view, stage number) chooses; a stage that no view wants to see asked is not played.
export async function walk(folder, modules, views, visit, isWanted = () => true) {
  const spec = readJson(join(folder, "spec.json"));
  for (const display of new Set(views.map((view) => view.display))) {
    const game = await Game.open(folder, modules);
    const way = new Walk(game, spec, views.filter((view) => view.display === display), visit, isWanted);
    await way.begin();
    const { stages, questions } = await game.data();
    const shown = new Map(Object.values(questions).map((question) => [question.id, question]));
    for (const [i, stage] of Object.values(stages).entries()) {
      const ids = Object.values(stage.questions);
      way.stageNumber = i + 1;
      if (!way.wants(`${ids[0]}-asked`)) break;
      await way.stage(i + 1, ids, shown, true);
      if (way.wants(`${ids[0]}-wrong`)) await way.stage(i + 1, ids, shown, false);
      if (i === 0) await way.see("stages");
    }
    way.stageNumber = 0;
    await way.see("stages-done");
    await way.press("AchievementsButton");
    await way.see("achievements");
    await way.press("Back", "LeadersButton");
    await way.see("leaders");
    const errors = await game.errors();
    if (errors.length > 0) throw new Error(errors[0]);
  }
  return spec;
}
