// Every class, member, service, enum item and constructor that the game uses exists in Roblox, as the type
// packages generated from its API dump say.
//
// The type of a variable is known from how it begins: game:GetService("X"), Instance.new("X"), an
// annotation, a cast, or a local function that says what it returns. A member of such a variable must be
// one of its class or of what that inherits; a child that the project mounts counts, too.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { scripts } from "./machine.mjs";
import { isMain, packageFile, readJson, run } from "./tool.mjs";

// --- Roblox, from the packages ---

export class Api {
  constructor(modules) {
    const read = (file) => readFileSync(packageFile(modules, "@rbxts/types", `include/${file}`), "utf8");
    this.classes = new Map();
    this.services = new Set();
    this.enums = new Map();
    this.statics = new Map();
    this.readClasses(read("generated/None.d.ts"));
    this.readEnums(read("generated/enums.d.ts"));
    this.readClasses(read("roblox.d.ts"));
    this.readStatics(read("roblox.d.ts"));
  }

  readClasses(text) {
    let members = null;
    let isServices = false;
    for (const line of text.split("\n")) {
      const head = /^(?:declare )?interface (\w+)(?:<.*?>)?(?: extends (\w+).*)? \{/.exec(line);
      if (head) {
        const known = this.classes.get(head[1]);
        members = known?.members ?? new Set();
        isServices = head[1] === "Services";
        this.classes.set(head[1], { base: known?.base ?? head[2], members });
        continue;
      }
      const member = /^(?: {4}|\t)(?:readonly )?(\w+)\??\s*[(:<]/.exec(line);
      if (!member || !members) continue;
      members.add(member[1]);
      if (isServices) this.services.add(member[1]);
    }
  }

  readEnums(text) {
    let items = null;
    for (const line of text.split("\n")) {
      const head = /^ {4}(?:export )?(?:namespace|class|interface|enum) (\w+)/.exec(line);
      if (head) {
        items = this.enums.get(head[1]) ?? new Set();
        this.enums.set(head[1], items);
      }
      const item = /^ {8}(?:export )?(?:interface|const|class|type) (\w+)/.exec(line);
      if (item) items?.add(item[1]);
    }
  }

  // interface XConstructor { … } and namespaces such as task.
  readStatics(text) {
    let members = null;
    for (const line of text.split("\n")) {
      const only = /^type (\w+)Constructor = new\b/.exec(line);
      if (only) this.statics.set(only[1], new Set(["new"]));
      const head = /^(?:declare )?(?:interface (\w+)Constructor|namespace (\w+))\b/.exec(line);
      if (head) {
        members = new Set();
        this.statics.set(head[1] ?? head[2], members);
      } else if (line.startsWith("}")) {
        members = null;
      }
      const member = /^[\t ]+(?:readonly |function )?(\w+)\??\s*[(:<]/.exec(line);
      if (!members) continue;
      if (/^[\t ]+new\b/.test(line)) members.add("new");
      else if (member) members.add(member[1]);
    }
  }

  has(className, member) {
    for (let one = className; one; one = this.classes.get(one)?.base) {
      if (this.classes.get(one)?.members.has(member)) return true;
    }
    return false;
  }
}

// --- The game ---

// Comments become blanks; strings keep their places.
const strip = (source) =>
  source.replace(/--\[(=*)\[[\s\S]*?\]\1\]|--[^\n]*|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/g, (text) =>
    text.startsWith("--") ? text.replace(/[^\n]/g, " ") : text,
  );
// Strings, too, so that nothing inside of them looks like code.
const blank = (source) =>
  source.replace(/"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/g, (text) => text.replace(/[^\n]/g, " "));

const GLOBALS = ["task", "UDim", "UDim2", "Vector2", "Vector3", "Color3", "CFrame", "Rect", "TweenInfo", "Random", "NumberRange"];

class Reader {
  constructor(api, children, place, source, add) {
    this.api = api;
    this.children = children;
    this.place = place;
    this.code = strip(source);
    this.bare = blank(this.code);
    this.add = add;
    this.uses = 0;
    this.seen = new Set();
  }

  complain(at, text) {
    this.add(`${this.place}:${this.code.slice(0, at).split("\n").length}`, text);
  }

  use(at, isThere, className, text) {
    this.uses += 1;
    this.seen.add(className);
    if (!isThere) this.complain(at, text);
  }

  names() {
    for (const m of this.code.matchAll(/\bInstance\.new\(\s*"(\w+)"/g)) {
      this.use(m.index, this.api.has(m[1], "Destroy"), m[1], `there is no class ${m[1]}`);
    }
    for (const m of this.code.matchAll(/:GetService\(\s*"(\w+)"/g)) {
      this.use(m.index, this.api.services.has(m[1]), m[1], `there is no service ${m[1]}`);
    }
    for (const m of this.code.matchAll(/:IsA\(\s*"(\w+)"/g)) {
      this.use(m.index, this.api.classes.has(m[1]), m[1], `there is no class ${m[1]}`);
    }
    for (const m of this.bare.matchAll(/\bEnum\.(\w+)(?:\.(\w+))?/g)) {
      const items = this.api.enums.get(m[1]);
      this.use(m.index, items && (!m[2] || items.has(m[2])), `Enum.${m[1]}`, `there is no ${m[0]}`);
    }
    for (const m of this.bare.matchAll(new RegExp(`(?<![\\w.:])(${GLOBALS.join("|")})\\.(\\w+)`, "g"))) {
      this.use(m.index, this.api.statics.get(m[1])?.has(m[2]), m[1], `there is no ${m[0]}`);
    }
  }

  isClass(name) {
    return name !== undefined && this.api.has(name, "Destroy");
  }

  // [place, variable, class] in the order of the file.
  declarations() {
    const found = [[0, "game", "DataModel"]];
    const returns = new Map();
    const put = (at, name, type) => this.isClass(type) && found.push([at, name, type]);
    const known = (from, to, name) => found.some(([at, other]) => other === name && at >= from && at <= to);
    for (const m of this.bare.matchAll(/\bfunction (\w+)\([^)]*\)\s*:\s*(\w+)/g)) returns.set(m[1], m[2]);
    for (const m of this.bare.matchAll(/\b(\w+): ([\w.]+)?/g)) found.push([m.index, m[1], this.isClass(m[2]) ? m[2] : null]);
    for (const m of this.code.matchAll(/\blocal (\w+)\s*=\s*(?:game:GetService|Instance\.new)\(\s*"(\w+)"\s*\)(?!\s*[.:])/g)) put(m.index, m[1], m[2]);
    for (const m of this.bare.matchAll(/\blocal (\w+)\s*=\s*(\w+)\(/g)) put(m.index, m[1], returns.get(m[2]));
    for (const m of this.bare.matchAll(/\blocal (\w+)\s*=[^\n]*::\s*(\w+)\s*$/gm)) put(m.index, m[1], m[2]);
    // What a loop or a table gives a name is of no known class.
    for (const m of this.bare.matchAll(/\bfor ([\w, ]+) in\b|\blocal (\w+)\s*(?:=|:)/g)) {
      for (const name of (m[1] ?? m[2]).split(/[ ,]+/)) {
        if (!known(m.index, m.index + m[0].length + 6, name)) found.push([m.index, name, null]);
      }
    }
    return found.sort((a, b) => a[0] - b[0]);
  }

  members() {
    const declared = this.declarations();
    for (const m of this.bare.matchAll(/(?<![\w.:])(\w+)([.:])(\w+)/g)) {
      if (m[2] === ":" && !/^\w+:\w+\s*[("{]/.test(this.bare.slice(m.index))) continue;
      const type = declared.filter(([at, name]) => name === m[1] && at < m.index).at(-1)?.[2];
      if (!type) continue;
      const isThere = this.api.has(type, m[3]) || (m[2] === "." && this.children.has(m[3]));
      this.use(m.index, isThere, type, `${type} has no member ${m[3]}`);
    }
  }
}

function checkProject(api, lesson, add, children) {
  const place = "game/default.project.json";
  const walk = (node, pointer) => {
    const type = node.$className;
    if (type && type !== "DataModel" && !api.has(type, "Destroy")) add(`${place}#${pointer}`, `there is no class ${type}`);
    for (const name of Object.keys(node.$properties ?? {})) {
      if (!api.has(type, name)) add(`${place}#${pointer}/$properties/${name}`, `${type} has no member ${name}`);
    }
    for (const [name, child] of Object.entries(node)) {
      if (name.startsWith("$")) continue;
      children.add(name);
      walk(child, `${pointer}/${name}`);
    }
  };
  walk(readJson(join(lesson, place)).tree, "/tree");
}

export async function check(lesson, modules, add) {
  const api = new Api(modules);
  const children = new Set();
  const seen = new Set();
  let uses = 0;
  checkProject(api, lesson, add, children);
  for (const { source, place } of scripts(lesson)) {
    const reader = new Reader(api, children, place, source, add);
    reader.names();
    reader.members();
    uses += reader.uses;
    for (const name of reader.seen) seen.add(name);
  }
  return `${uses} uses of ${seen.size} classes, enums and types, all of them exist`;
}

if (isMain(import.meta.url)) await run(check);
