// A generated game inside a Luau machine: the project's own tree over the mock of Roblox.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { importPackage, readJson } from "./tool.mjs";

const here = dirname(fileURLToPath(import.meta.url));
// Beside this file where a check runs, in its own folder in the project.
const mockFile = (name) => [join(here, name), join(here, "../../../../../roblox/mock", name)].find(existsSync);

// A JavaScript value as a Luau expression.
export function luau(value) {
  if (value === undefined || value === null) return "nil";
  if (typeof value === "string") {
    const escaped = [...Buffer.from(value)].map((byte) => `\\${String(byte).padStart(3, "0")}`);
    return `"${escaped.join("")}"`;
  }
  if (Array.isArray(value)) return `{${value.map(luau).join(",")}}`;
  return String(value);
}

const classOf = (file) =>
  file.endsWith(".server.luau") ? "Script" : file.endsWith(".client.luau") ? "LocalScript" : "ModuleScript";

// Every script of the project: service, names below it, class, source.
export function* scripts(folder) {
  const game = join(folder, "game");
  const { tree } = readJson(join(game, "default.project.json"));
  function* walk(node, names) {
    if (node.$path) {
      for (const file of readdirSync(join(game, node.$path)).sort()) {
        const path = join(game, node.$path, file);
        if (!statSync(path).isFile()) throw new Error(`${path} is no file`);
        const name = file.replace(/(\.server|\.client)?\.luau$/, "");
        const place = `game/${node.$path}/${file}`;
        yield { names: [...names, name], className: classOf(file), source: readFileSync(path, "utf8"), place };
      }
    }
    for (const [name, child] of Object.entries(node)) {
      if (!name.startsWith("$")) yield* walk(child, [...names, name]);
    }
  }
  yield* walk(tree, []);
}

export class Game {
  // A machine with every script mounted, and no server yet.
  static async create(folder, modules) {
    const game = new Game();
    const { LuauState } = await importPackage(modules, "luau-web", "src/index.js");
    game.state = await LuauState.createAsync({});
    for (const name of ["roblox.luau", "screen.luau"]) await game.run(readFileSync(mockFile(name), "utf8"), name);
    for (const { names, className, source, place } of scripts(folder)) {
      const [service, ...below] = names;
      const body = `function(script, require, os, game)\n${source}\nend`;
      await game.run(`mock.mount("${service}", ${luau(below)}, "${className}", ${body})`, place);
    }
    return game;
  }

  static async open(folder, modules) {
    const game = await Game.create(folder, modules);
    await game.run("mock.open()");
    return game;
  }

  async run(source, name = "test") {
    return await this.state.loadstring(source, name, true)();
  }

  // The value of a Luau expression.
  async get(expression) {
    return JSON.parse(await this.run(`return mock.json(${expression})`));
  }

  // Joins, and waits until the player's record is there.
  async join(player, seconds = 5) {
    await this.run(`mock.join(${luau(player)}) mock.advance(${seconds})`);
  }

  wait(seconds) {
    return this.run(`mock.advance(${seconds})`);
  }

  start(player, stage) {
    return this.get(`mock.call(${luau(player)}, "Start", ${luau(stage)})`);
  }

  // `id` and `response` are Luau expressions, so that anything can be forged.
  answerRaw(player, id, response) {
    return this.get(`mock.call(${luau(player)}, "Answer", ${id}, ${response})`);
  }

  answer(player, id, response) {
    return this.answerRaw(player, luau(id), luau(response));
  }

  progress(player) {
    return this.get(`mock.call(${luau(player)}, "Progress").progress`);
  }

  // Level, XP, score.
  stats(player) {
    return this.get(`mock.stats(${luau(player)})`);
  }

  saved(player) {
    return this.get(`mock.saved(${luau(player)})`);
  }

  // Starts the interface of a player who has joined.
  openClient(player) {
    return this.run(`mock.openClient(${luau(player)})`);
  }

  // What the player sees, every property with its value, as layout.mjs reads it.
  async screen(player) {
    this.defaults ??= await this.get("mock.allDefaults()");
    const complete = (node) => {
      node.properties = { ...this.defaults[node.class], ...node.properties };
      node.children = Object.values(node.children).map(complete);
      return node;
    };
    const screen = await this.get(`mock.screen(${luau(player)})`);
    complete(screen.gui);
    if (screen.ring) complete(screen.ring);
    return screen;
  }

  // Errors of threads that nobody waited for.
  async errors() {
    return Object.values(await this.get("mock.errors"));
  }

  // What a player's device holds.
  data() {
    return this.get('mock.require(game:GetService("ReplicatedStorage").Lesson.LessonData)');
  }
}

// What a player must send to be right, found from the spec and what the player sees.
export function rightResponse(question, shown) {
  const place = (text) => shown.options.indexOf(text) + 1;
  switch (question.type) {
    case "choice":
      return place(question.answer);
    case "true_false":
      return question.is_true;
    case "match":
      return question.pairs.map((pair) => place(pair.right));
    case "order":
      return question.items.map(place);
    case "number":
      return ` +${question.answer} ${question.unit ?? ""}`.replace("+-", "-");
    default:
      return question.answer;
  }
}

export function wrongResponse(question, shown) {
  const right = rightResponse(question, shown);
  if (typeof right === "number") return (right % shown.options.length) + 1;
  if (typeof right === "boolean") return !right;
  if (question.type === "number") return `${question.answer}1`;
  if (typeof right === "string") return "certainly not this";
  return [...right.slice(1), right[0]];
}
