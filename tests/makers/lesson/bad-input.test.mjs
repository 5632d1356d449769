// Texts that are no lesson, or that would like to be more than text: each is a real file given to the real program.
// What is refused is refused in words; what is made passes every check and breaks out of no format.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { check, maker, out, root } from "./lesson.mjs";

const withTools = { ...process.env, PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}` };
const withoutTools = { ...withTools, NODE_PATH: "/nonexistent", TAKT_STYLUA: "/nonexistent" };

// Running text that gives a lesson by itself.
const harbour = `A breakwater is a wall of stone that keeps the waves out of a harbour. A lighthouse is a tower with a
lamp that shows ships the way at night. Pilots are local sailors who bring large ships through the narrow channel. The
harbour master always decides which ship may enter the inner basin. Fishing boats usually leave the old quay before
sunrise. The Coastal Rescue Service (CRS) keeps a fast boat beside the fuel station. Strong tides carry sand into the
entrance of the harbour. A dredger is a ship that digs sand and mud out of the channel. The largest crane of the port
lifts containers onto trucks. Every buoy in the channel carries a bright lamp and a bell. The customs office inspects
all the goods from foreign countries. Wooden piles rot quickly in warm water with many shipworms. A shipworm is a long
clam that bores into wooden hulls and piles. Copper sheets protect the hull of an old schooner against shipworms. The
deep basin is open to ships with a long keel. A winch is a drum that hauls a heavy rope by turning slowly. Gulls rarely
nest on the roofs of the old warehouses. The market hall sells fresh herring on the quay each morning. An anchor is a
heavy hook that holds a ship in its place. Thick ropes of hemp were replaced with nylon in most ports. The tidal range
in the bay is large in spring. The harbour school teaches young sailors knots, signals and weather. Storm warnings are
hoisted on the mast of the signal station. A barge is a flat boat that carries coal and grain along the canals. The dry
dock is a basin that is pumped empty for repairs. Painters cover the hull with a toxic coating against weeds. The canal
connects the harbour with the inland mills. The port received 5,200 barrels of oil in 2019.`.replace(/\n/g, " ");

const hafen = `Ein Leuchtturm ist ein Bauwerk mit einer Lampe, das den Schiffen nachts den Weg zeigt. Eine Mole ist eine
Mauer aus Steinen, die die Wellen vom Hafen fern hält. Im Jahr 1742 wurde der erste Kai aus Holz und Steinen gebaut. Das
Amt für Wasser und Schifffahrt (AWS) prüft jede Boje zweimal in jedem Jahr. Ein Bagger ist ein Schiff, das Sand und Schlamm
vom Grund hebt. Eine Boje ist ein Zeichen auf dem Wasser, das eine Untiefe meldet. Eine Winde ist eine Trommel, die ein
schweres Tau langsam einholt. Ein Anker ist ein Haken, der das Schiff an seinem Platz hält. Ein Kahn ist ein Boot, das Kohle
und Korn durch die Kanäle trägt. Im Jahr 1860 bekam der Hafen eine Bahn zu den Mühlen im Land. Der Kanal verbindet den
Hafen mit den Mühlen im Land. Die Lotsen kennen jede Untiefe vor der Einfahrt und bringen große Schiffe durch die enge
Rinne. Die Fischer verlassen den Kai meist vor Sonnenaufgang und fahren weit hinaus. Kupferne Platten schützen den Rumpf
alter Schiffe vor dem Wurm. Der größte Kran hebt Kisten auf die Wagen der Bahn. Der Hafen lagerte im letzten Winter 5200
Fässer mit Öl. Die Taue aus Hanf wurden in den meisten Häfen durch solche aus Nylon ersetzt. Die Maler streichen den Rumpf
mit einer giftigen Farbe gegen Muscheln. Die Mole schützt den Hafen vor den Wellen, und der Kran steht auf der Mole. Die
Lotsen warten auf der Mole auf das Signal vom Turm. Im Jahr 1911 zerstörte ein Sturm die halbe Mole und sieben Boote. Der Kran
gehört seit langem der Stadt. Das Dock ist für die Schiffe da, die ein Leck haben. Die Bahn bringt das Korn vom Land zum
Kai, und die Schiffe bringen es in fremde Länder. Die Stadt baut an der Mole eine neue Halle für die Fischer, damit sie auch
im Winter ihre Netze an einem trockenen Platz flicken. Der Kai ist an der tiefsten Stelle neun Meter tief.`.replace(/\n/g, " ");

function file(name, text) {
  const folder = join(out, "bad-input");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function plan(name, text) {
  const { status, stdout, stderr } = spawnSync(maker, ["--plan", file(name, text)], { encoding: "utf8", maxBuffer: 1 << 26 });
  return { status, stdout, stderr };
}

function refused(name, text, words) {
  const { status, stdout, stderr } = plan(name, text);
  assert.equal(status, 1, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, words);
  assert.equal(stderr.trim().split("\n").length, 1, "one line says why");
}

// Plans, makes and checks; gives the spec and the files that others read.
function made(name, text, env = withoutTools) {
  const planned = plan(name, text);
  assert.equal(planned.status, 0, planned.stderr);
  const specPath = file(`${name}.json`, planned.stdout);
  const folder = join(out, "bad-input", `${name}-lesson`);
  rmSync(folder, { recursive: true, force: true });
  execFileSync(maker, ["--generate", specPath, folder]);
  const { code, text: report } = check(folder, env);
  assert.equal(code, 0, report);
  if (env === withTools) assert.doesNotMatch(report, /^(not run|FAIL)/m);
  const read = (path) => readFileSync(join(folder, path), "utf8");
  return { spec: JSON.parse(planned.stdout), json: planned.stdout, read, folder };
}

const repeat = (line, words) => line.repeat(Math.ceil(words / line.split(/\s+/).length));

test("another language is made, or named", () => {
  const text = `# Der Hafen\n\n${hafen}`;
  const { spec, read } = made("hafen.md", text, withTools);
  assert.equal(spec.language, "de");
  assert.ok(spec.questions.length >= 5);
  for (const { prompt } of spec.questions) assert.doesNotMatch(prompt, /Which|Complete|text says|Match each|stand for/);
  assert.match(read("preview/index.html"), /<html lang="de">/);
  refused("polish.txt", repeat("Port nie jest bardzo głęboki, ale statki często tam są i to jest dobre dla miasta, które je zna. ", 900), /Polish.*German/);
  refused("greek.txt", repeat("Το λιμάνι δεν είναι πολύ βαθύ. ", 900), /Greek/);
});

test("right-to-left text is refused with its script", () => {
  refused("hebrew.txt", repeat("הנמל נמצא על החוף והספינות נכנסות אליו בבוקר. ", 900), /Hebrew/);
  refused("arabic.txt", repeat("الميناء على الساحل وتدخل السفن إليه في الصباح. ", 900), /Arabic/);
});

test("a list without sentences has nothing to ask about", () => {
  refused("list.md", repeat("- fresh herring\n- ropes of hemp\n- bright lamps\n- wooden piles\n", 900), /list/);
});

test("code is no text", () => {
  refused("code.md", `# Program\n\n\`\`\`c\n${repeat("for (int i = 0; i < n; i++) { sum += a[i]; }\n", 900)}\`\`\`\n`, /words/);
});

test("a table is no text", () => {
  refused("table.md", `| port | ships |\n|---|---|\n${repeat("| Marrow | 40 |\n", 1200)}`, /words/);
});

test("a poem without statements has nothing to ask about", () => {
  refused("poem.txt", repeat("O wind, o wave, o weary night,\nO lamp upon the stone,\nwhat song was that, what sudden light,\nwhat voice, and whose, alone?\n\n", 500), /sentences/);
});

test("a page of boilerplate has nothing to ask about", () => {
  refused("boilerplate.md", repeat("Accept all cookies. Read more. Click here to subscribe. Share this page. All rights reserved. See our privacy policy. Log in. ", 500), /sentences/);
});

test("50,000 words are planned in a few seconds, more are refused", () => {
  const paragraphs = [];
  for (let i = 0, words = 0; words < 49000; i += 1) {
    const part = harbour.replace(/breakwater/g, `mole ${i}`);
    words += part.split(" ").length;
    if (words < 49000) paragraphs.push(`## Part ${i}\n\n${part}\n`);
  }
  const text = paragraphs.join("\n");
  const start = process.hrtime.bigint();
  const planned = plan("long.md", text);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  assert.equal(planned.status, 0, planned.stderr);
  assert.ok(seconds < 20, `${seconds} s`);
  assert.ok(JSON.parse(planned.stdout).questions.length >= 10);
  refused("longer.md", `${text}\n${repeat("The sea is calm and wide today. ", 2000)}`, /50,?000/);
});

test("emoji and right-to-left marks leave nothing that hides", () => {
  const text = `# The harbour 🚢⚓\n\n${harbour} A beacon 🔦 is a light on a pole that marks the end of a pier. The ferry\u202eyrref is a boat that carries cars\u200b over the bay. An א\u05d1\u05d2 is a sign.`;
  const { json, read } = made("emoji.md", text);
  for (const all of [json, read("preview/index.html"), read("exports/questions.gift")]) assert.doesNotMatch(all, /[\u200b\u202a-\u202e\u2066-\u2069]/);
});

// Each is put where it gets into the lesson: the title, a heading, a term and its sentence, an item.
const hostile = {
  "html and Markdown": `</script><script>document.title="owned"</script><img src=x onerror="owned()"> [owned](javascript:owned()) ![x](https://example.org/owned.png) \`owned\` <!-- owned -->`,
  "Luau and XML": `"]] ]==] owned() --[[ \\u{41} \`{owned()}\` end) os.exit() ]]></ProtectedString><Item class="Script"><!--owned-->`,
  "GIFT and CSV": `} ::owned:: {T} ~%100%owned =owned # $CATEGORY: owned -> \\n // owned =cmd|' /C owned'!A0 ","=1+1`,
};

const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
// The same as a page: the bait is text of it, and once more raw where pages are hostile.
const asPage = (bait) => `<!doctype html><html><head><title>${escaped(bait)}</title><script>owned()</script></head>`
  + `<body onload="owned()"><main><h1>${escaped(bait)}</h1><p>${escaped(harbour)}</p><h2>${escaped(bait)}</h2>`
  + `<p>A kedge is a small anchor that pulls a ship ${escaped(bait)} off the ground. A mooring is a chain that is owned `
  + `by the port and holds ships in a storm.</p><img src=x onerror="owned()"><svg onload="owned()"></svg>`
  + `<p>The steps of the work are:</p><ol><li>=Lower the sails ${escaped(bait)}</li><li>+Throw the rope to the quay</li>`
  + `<li>@Call the harbour master</li></ol><iframe srcdoc="<script>owned()</script>"></iframe></main></body></html>`;

for (const [name, bait] of Object.entries(hostile)) {
  test(`${name} in a page of HTML breaks out of nothing`, () => {
    const { json, spec, read } = made(`hostile-${name.replace(/ /g, "-")}.html`, asPage(bait));
    assert.match(json, /owned/, "the bait is in the lesson, else this proves nothing");
    assert.ok(spec.questions.length >= 8);
    for (const page of ["preview/index.html", "exports/worksheet.html"]) {
      assert.doesNotMatch(read(page), /<script>document\.title|<img|<a [^>]*javascript:|<[^>]* on[a-z]+=/i);
    }
  });

  test(`${name} in a text breaks out of nothing`, () => {
    const text = `---\ntitle: '${bait.replace(/'/g, "’")}'\n---\n\n# ${bait}\n\n${harbour}\n\n## ${bait}\n\n`
      + `A kedge is a small anchor that pulls a ship ${bait} off the ground. `
      + "A mooring is a chain that is owned by the port and holds ships in a storm.\n\n"
      + `The steps of the work are:\n\n1. =Lower the sails ${bait}\n2. +Throw the rope to the quay\n3. @Call the harbour master\n`;
    const { json, spec, read, folder } = made(`hostile-${name.replace(/ /g, "-")}.md`, text, withTools);
    assert.match(json, /owned/, "the bait is in the lesson, else this proves nothing");
    assert.ok(spec.questions.length >= 8);
    for (const page of ["preview/index.html", "exports/worksheet.html"]) {
      const html = read(page);
      assert.doesNotMatch(html, /<script>document\.title|<img|<a [^>]*javascript:|<[^>]* on[a-z]+=/i);
    }
    const program = `import sys, json, csv
with open(sys.argv[1], encoding="utf-8-sig", newline="") as f:
    print(json.dumps(list(csv.reader(f, strict=True))))`;
    const rows = JSON.parse(execFileSync("/usr/bin/python3", ["-c", program, join(folder, "exports/questions.csv")], { encoding: "utf8" }));
    assert.equal(rows.length, spec.questions.length + 1);
    for (const cell of rows.flat()) assert.doesNotMatch(cell, /^[=+\-@\t\r]/);
  });
}
