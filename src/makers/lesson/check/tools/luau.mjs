// Every script compiles in Luau's own compiler, and the game starts: the server's scripts, every module,
// a player, the player's interface.
import { Game, scripts } from "./machine.mjs";
import { importPackage, isMain, run } from "./tool.mjs";

export async function check(lesson, modules, add) {
  const { LuauState } = await importPackage(modules, "luau-web", "src/index.js");
  const state = await LuauState.createAsync({});
  let files = 0;
  let broken = 0;
  for (const { source, place } of scripts(lesson)) {
    files += 1;
    try {
      state.loadstring(source, place, true);
    } catch (error) {
      broken += 1;
      add(place, String(error.message ?? error));
    }
  }
  if (broken) return "";
  const game = await Game.open(lesson, modules);
  // The rest makes no sense once something has failed.
  const hasFailed = async () => {
    const errors = await game.errors();
    for (const error of errors) add("game", error);
    return errors.length > 0;
  };
  await game.join("player");
  if (await hasFailed()) return "";
  await game.openClient("player");
  for (const { names, className } of scripts(lesson)) {
    if (className !== "ModuleScript") continue;
    // The client's modules are the player's own, those that its script has loaded.
    const [service, ...below] = names[0] === "StarterPlayer" ? ["Players", "player", "PlayerScripts", names.at(-1)] : names;
    await game.run(`mock.require(game:GetService("${service}")${below.map((name) => `.${name}`).join("")})`);
  }
  if (await hasFailed()) return "";
  await game.run('mock.press("player", "Start") mock.advance(5)');
  await hasFailed();
  return `${files} scripts compile, the game and its interface start`;
}

if (isMain(import.meta.url)) await run(check);
