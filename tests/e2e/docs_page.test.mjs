// The API reference that a server shows at /docs, in a browser: it loads nothing, reads well on a
// desktop and on a phone, is found in by search, and sends what its forms say.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const build = process.env.TAKT_BUILD ?? join(root, "build");
const executablePath = process.env.TAKT_CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--no-first-run"];
const skip = existsSync(executablePath) || process.env.CI ? false : `no browser at ${executablePath}`;
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = join(root, "out", "screenshots");
const folder = mkdtempSync(join(tmpdir(), "takt-docs-"));
let browser, server, address;

async function announced() {
  const path = join(folder, "data", "server.json");
  for (let i = 0; i < 200; i++) {
    if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")).address;
    await pause(50);
  }
  throw new Error("the server did not come up");
}

before(async () => {
  if (skip) return;
  mkdirSync(pictures, { recursive: true });
  const options = ["serve", "--data", join(folder, "data"), "--listen", "127.0.0.1:0", "--maker-processes", "0"];
  server = spawn(join(build, "src/takt"), options, { stdio: "ignore" });
  address = await announced();
  browser = await chromium.launch({ executablePath, args, headless: true });
});

after(async () => {
  await browser?.close();
  if (server) {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
  }
  rmSync(folder, { recursive: true });
});

// A page that remembers what it should not do.
async function open(t, options) {
  const context = await browser.newContext(options);
  t.after(() => context.close());
  const page = await context.newPage();
  page.trouble = [];
  page.on("console", (message) => page.trouble.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => page.trouble.push(`error: ${error}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${address}/`)) page.trouble.push(`request: ${request.url()}`);
  });
  await page.goto(`${address}/docs`);
  return page;
}

// The operations are made alike: one of them stands for all, which are too many for axe.
async function violations(page) {
  // Through the protocol, which the page's policy does not bind.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => {
    const alike = [...document.querySelectorAll("article")].filter((one) => one.id !== "submitTask");
    for (const one of alike) one.remove();
    return globalThis.axe.run();
  });
  return violations.map((v) => `${v.id}: ${v.nodes[0].html}`);
}

for (const [name, viewport, colorScheme] of [["desktop", { width: 1280, height: 800 }, "light"],
  ["desktop-dark", { width: 1280, height: 800 }, "dark"], ["phone", { width: 390, height: 844 }, "light"]]) {
  test(`the page reads well: ${name}`, { skip }, async (t) => {
    const page = await open(t, { viewport, colorScheme });
    await page.screenshot({ path: join(pictures, `docs-${name}.png`) });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `the page is ${wide} px too wide`);
    await page.goto(`${address}/docs#submitTask`);
    assert.ok(await page.locator("#submitTask h3").isVisible());
    await page.screenshot({ path: join(pictures, `docs-${name}-operation.png`) });
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(page.trouble, []);
  });
}

test("everything is there without the script", { skip }, async (t) => {
  const page = await open(t, { javaScriptEnabled: false });
  assert.ok(await page.locator("article[data-path]").count() > 40);
  assert.ok(await page.locator("nav li").count() > 40);
  assert.ok(!await page.locator("#search").isVisible());
});

test("the search finds by path, method and words", { skip }, async (t) => {
  const page = await open(t, {});
  const shown = () => page.locator("nav li:not([hidden])").allTextContents();
  const all = (await shown()).length;
  await page.getByRole("searchbox").fill("post /leases");
  assert.ok((await shown()).length < all);
  assert.match((await shown()).join(), /Asks for work/);
  await page.getByRole("searchbox").fill("no such thing anywhere");
  assert.deepEqual(await shown(), []);
  await page.getByRole("searchbox").fill("");
  assert.equal((await shown()).length, all);
});

test("a form sends what it says, by keyboard, with a key that is kept nowhere", { skip }, async (t) => {
  const page = await open(t, {});
  const key = readFileSync(join(folder, "data", "key"), "utf8").trim();
  const article = page.locator("#submitTask");
  await article.getByText("Try it").focus();
  await page.keyboard.press("Enter");
  await article.getByLabel("API key").fill(key);
  await article.getByLabel("Body").fill('{"kind": "demo.page"}');
  await article.getByRole("button", { name: "Send" }).focus();
  await page.keyboard.press("Enter");
  await article.locator("form pre", { hasText: "201" }).waitFor();
  const id = /task_\w+/.exec(await article.locator("form pre").textContent())[0];
  const one = page.locator("#getTask");
  await one.getByText("Try it").click();
  await one.getByLabel("id", { exact: true }).fill(id);
  await one.getByRole("button", { name: "Send" }).click();
  await one.locator("form pre", { hasText: "demo.page" }).waitFor();
  const kept = await page.evaluate(() => JSON.stringify([localStorage.length, sessionStorage.length, document.cookie]));
  assert.equal(kept, '[0,0,""]');
  assert.deepEqual(page.trouble, []);
});
