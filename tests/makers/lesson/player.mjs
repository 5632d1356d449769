// A player at the interface of the lesson of every type, on one device.
import { checkScreen, estimate } from "../../../src/makers/lesson/check/tools/rules.mjs";
import { Game } from "../../../src/makers/lesson/check/tools/machine.mjs";
import { VIEWS } from "../../../src/makers/lesson/check/tools/walk.mjs";
import { generate, modules } from "./lesson.mjs";

export const PHONE = VIEWS[0];
export const TELEVISION = VIEWS.at(-1);

// At the first question, or at the stages.
export const play = async (isAsked, device = PHONE) => {
  const game = await Game.open(generate("every-type", "screens-played"), modules);
  await game.run(`mock.setDevice("${device.display}", ${device.hasGamepad})`);
  await game.join("ada");
  await game.openClient("ada");
  await game.run(`mock.resize("ada", ${device.width}, ${device.height}, ${device.top}, ${device.side})`);
  const press = (name, parent) =>
    game.run(`local button = mock.find("ada", "${name}"${parent ? `, mock.find("ada", "${parent}")` : ""})
      if button.Active then button.Activated:Fire() end mock.advance(1)`);
  await press("Start");
  if (isAsked) await press("Go");
  return { game, press, screen: () => game.screen("ada") };
};

// The object of that name, depth first.
export const find = (node, name) => (node.name === name ? node : node.children.map((child) => find(child, name)).find(Boolean));
// What is wrong with a screen.
export const faultsOf = (screen) => {
  const found = [];
  checkScreen(screen, estimate, (box, text) => found.push(`${box?.name ?? "interface"} ${text}`));
  return found;
};
