// A generated game inside a Luau machine: the project's own tree over the mock of Roblox.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { LuauState } from "luau-web";
import { here } from "./lesson.mjs";

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
function* scripts(folder) {
  const game = join(folder, "game");
  const { tree } = JSON.parse(readFileSync(join(game, "default.project.json"), "utf8"));
  function* walk(node, names) {
    if (node.$path) {
      for (const file of readdirSync(join(game, node.$path))) {
        const path = join(game, node.$path, file);
        if (!statSync(path).isFile()) throw new Error(`${path} is no file`);
        const name = file.replace(/(\.server|\.client)?\.luau$/, "");
        yield { names: [...names, name], className: classOf(file), source: readFileSync(path, "utf8"), path };
      }
    }
    for (const [name, child] of Object.entries(node)) {
      if (!name.startsWith("$")) yield* walk(child, [...names, name]);
    }
  }
  yield* walk(tree, []);
}

export class Game {
  static async open(folder) {
    const game = new Game();
    game.state = await LuauState.createAsync({});
    await game.run(readFileSync(join(here, "roblox.luau"), "utf8"), "roblox");
    for (const { names, className, source, path } of scripts(folder)) {
      const [service, ...below] = names;
      const body = `function(script, require, os)\n${source}\nend`;
      await game.run(`mock.mount("${service}", ${luau(below)}, "${className}", ${body})`, path);
    }
    await game.run('mock.run(game:GetService("ServerScriptService").Main)');
    return game;
  }

  async run(source, name = "test") {
    return await this.state.loadstring(source, name, true)();
  }

  // The value of a Luau expression.
  async get(expression) {
    return JSON.parse(await this.run(`return mock.json(${expression})`));
  }

  join(player) {
    return this.run(`mock.join(${luau(player)})`);
  }

  wait(seconds) {
    return this.run(`mock.now += ${seconds}`);
  }

  start(player) {
    return this.get(`mock.call(${luau(player)}, "Start")`);
  }

  // `id` and `response` are Luau expressions, so that anything can be forged.
  answerRaw(player, id, response) {
    return this.get(`mock.call(${luau(player)}, "Answer", ${id}, ${response})`);
  }

  answer(player, id, response) {
    return this.answerRaw(player, luau(id), luau(response));
  }

  stats(player) {
    return this.get(`mock.stats(${luau(player)})`);
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
    default:
      return question.answer;
  }
}

export function wrongResponse(question, shown) {
  const right = rightResponse(question, shown);
  if (typeof right === "number") return (right % shown.options.length) + 1;
  if (typeof right === "boolean") return !right;
  if (typeof right === "string") return "certainly not this";
  return [...right.slice(1), right[0]];
}
