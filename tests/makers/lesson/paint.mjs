// Pictures of a lesson's game: every screen on every device, laid out and painted in a real browser, with that
// browser's measure of texts. The letters are not Roblox's own, and the world behind is left out.
//
//   node tests/makers/lesson/paint.mjs LESSON PICTURES [NAME…]
//
// paints the lesson in the folder LESSON into the folder PICTURES; NAMEs choose screens ("stages", "q3-asked").
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { VIEWS, walk } from "../../../src/makers/lesson/check/tools/walk.mjs";
import { isMain } from "../../../src/makers/lesson/check/tools/tool.mjs";
import { modules, root } from "./lesson.mjs";

export const executablePath = process.env.TAKT_CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--no-first-run"];

export const openBrowser = () => chromium.launch({ executablePath, args, headless: true });

// What a page can run: the layout and the rules, without their imports and exports.
const source = (name) =>
  readFileSync(join(root, "src/makers/lesson/check/tools", name), "utf8").replace(/^export /gm, "").replace(/^import .*$/gm, "");

// In the page: measures texts, checks a screen, and paints it.
const painter = `
  const canvas = document.createElement("canvas").getContext("2d");
  const family = "'DejaVu Sans', sans-serif";
  const widths = new Map();
  function measureText(text, em, isBold) {
    const font = (isBold ? "bold " : "") + em + "px " + family;
    const key = font + text;
    if (!widths.has(key)) {
      canvas.font = font;
      widths.set(key, canvas.measureText(text).width);
    }
    return widths.get(key);
  }
  const css = ({ R, G, B }, alpha = 1) => "rgba(" + [R, G, B].map((v) => Math.round(v * 255)).join(",") + "," + alpha + ")";
  function add(style, text) {
    const element = document.createElement("div");
    Object.assign(element.style, { position: "absolute", boxSizing: "border-box", whiteSpace: "pre" }, style);
    if (text !== undefined) element.textContent = text;
    document.body.append(element);
  }
  const px = (value) => value + "px";
  function clipPath(area, clip, out) {
    const top = Math.max(-out, clip.y - area.y), left = Math.max(-out, clip.x - area.x);
    const right = Math.max(-out, area.x + area.width - clip.x - clip.width);
    const bottom = Math.max(-out, area.y + area.height - clip.y - clip.height);
    return "inset(" + [top, right, bottom, left].map(px).join(" ") + ")";
  }
  function paintBox(box) {
    const { area, clip, properties, stroke } = box;
    const place = { left: px(area.x), top: px(area.y), width: px(area.width), height: px(area.height) };
    const out = stroke ? stroke.Thickness : 0;
    add({ ...place, clipPath: clipPath(area, clip, out), background: css(properties.BackgroundColor3, 1 - properties.BackgroundTransparency),
      borderRadius: px(box.radius), boxShadow: stroke ? "0 0 0 " + px(stroke.Thickness) + " " + css(stroke.Color) : "" });
    if (box.class === "ScrollingFrame" && box.canvas > area.height) {
      const height = area.height * area.height / box.canvas, width = properties.ScrollBarThickness;
      add({ left: px(area.x + area.width - width), top: px(area.y + box.scrolled * area.height / box.canvas), width: px(width),
        height: px(height), background: css(properties.ScrollBarImageColor3), borderRadius: px(width / 2) });
    }
    if (!box.lines) return;
    const size = properties.TextSize, isHint = properties.Text === "" && properties.PlaceholderText;
    const height = box.lines.length * size;
    let y = box.content.y + (box.content.height - height) / 2;
    for (const line of box.lines) {
      const isBold = properties.Font === "GothamBold";
      const width = measureText(line, size * EM, isBold);
      const x = box.content.x + (box.content.width - width) * share[properties.TextXAlignment];
      const spot = { x, y, width: width + 2, height: size };
      add({ left: px(x), top: px(y), height: px(size), lineHeight: px(size), fontFamily: family, fontSize: px(size * EM),
        fontWeight: isBold ? "bold" : "normal", color: css(isHint ? properties.PlaceholderColor3 : properties.TextColor3),
        clipPath: clipPath(spot, clip, 4) }, line);
      y += size;
    }
  }
  window.measureText = measureText;
  window.faults = (screen) => {
    const found = [];
    checkScreen(screen, measureText, (box, text) => found.push((box ? box.path : "interface") + " " + text));
    return found;
  };
  window.paint = (screen) => {
    document.body.replaceChildren();
    Object.assign(document.body.style, { margin: 0, background: "linear-gradient(#8ec5ff, #d8ecff 60%, #6fa36b 61%, #5a8a57)", overflow: "hidden" });
    const made = layout(screen, measureText);
    add({ left: 0, top: 0, width: "100%", height: px(screen.top), background: "rgba(0,0,0,.15)" });
    for (const i of [0, 1]) add({ left: px(16 + i * 52), top: px((screen.top - 44) / 2), width: "44px", height: "44px", borderRadius: "22px", background: "rgba(18,18,21,.7)" });
    for (const box of made.boxes) paintBox(box);
  };
`;

// A page that can lay out and paint.
export async function openPage(browser) {
  const page = await browser.newPage();
  await page.setContent("<!doctype html><html><body></body></html>");
  await page.addScriptTag({ content: `{${source("layout.mjs")}\n${source("rules.mjs")}\n${painter}}` });
  return page;
}

export async function shoot(page, screen, path) {
  await page.setViewportSize({ width: screen.width, height: screen.height });
  await page.evaluate((one) => window.paint(one), screen);
  await page.screenshot({ path });
}

async function paintAll(lesson, pictures, names) {
  const steps = new Set();
  const browser = await openBrowser();
  let count = 0;
  try {
    const page = await openPage(browser);
    mkdirSync(pictures, { recursive: true });
    await walk(lesson, modules, VIEWS, async ({ step, view, screen }) => {
      steps.add(step);
      if (names.length > 0 && !names.includes(step)) return;
      await shoot(page, screen, join(pictures, `${step}-${view.name}.png`));
      count += 1;
    });
  } finally {
    await browser.close();
  }
  const unknown = names.filter((name) => !steps.has(name));
  if (unknown.length > 0) throw new Error(`no screen is named ${unknown.join(", ")}; there are ${[...steps].join(", ")}`);
  console.log(`${count} pictures in ${pictures}`);
}

if (isMain(import.meta.url)) {
  const [lesson, pictures, ...names] = process.argv.slice(2);
  if (!pictures || !existsSync(join(lesson, "spec.json"))) {
    console.error(pictures ? `${lesson} is no lesson: it has no spec.json` : "usage: paint.mjs LESSON PICTURES [NAME…]");
    process.exit(2);
  }
  await paintAll(lesson, pictures, names).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
