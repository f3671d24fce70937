// Uses the console of a running service in Chromium as people do: logs in, goes through all pages in light and dark, on a
// desktop and a phone, with scripts and without, checks a file and a hash, decides, puts an entry back. Looks for faults of
// accessibility (axe-core), requests to elsewhere, errors, pictures, inline code, overflow.
//
//   node console.mjs http://127.0.0.1:8420 --pictures testdata/pictures [--token FILE] [--shots FOLDER]
//
// The service has a list called DEMO that knows originals/coffee.jpg, and one entry in quarantine. Without --token it is
// open. Ends with 1 and a list if anything is wrong.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const [base, ...options] = process.argv.slice(2);
const option = (name) => (options.includes(name) ? options[options.indexOf(name) + 1] : null);
const pictures = option("--pictures");
if (!base || !pictures || !existsSync(join(pictures, "originals", "coffee.jpg"))) {
  console.error("usage: node console.mjs http://127.0.0.1:PORT --pictures testdata/pictures [--token FILE] [--shots FOLDER]");
  process.exit(2);
}
const token = option("--token") ? readFileSync(option("--token"), "utf8").trim() : null;
const shots = option("--shots") ? resolve(option("--shots")) : null;
if (shots) mkdirSync(shots, { recursive: true });
const coffee = join(pictures, "originals", "coffee.jpg");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browserPath =
  process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (!browserPath) {
  console.error("no Chromium here; name one with CHROMIUM");
  process.exit(2);
}

const faults = new Set();
let looked = 0;
const fault = (where, what) => faults.add(`${where}: ${what}`);
const browser = await chromium.launch({
  executablePath: browserPath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"],
});

/** A fresh browser of this kind, which reports what it asks for and complains of. */
async function open(how) {
  const context = await browser.newContext({ ...how.context, bypassCSP: false });
  const page = await context.newPage();
  page.on("request", (request) => {
    if (!request.url().startsWith(base)) fault(how.name, `asks for ${request.url()}`);
    if (["image", "media"].includes(request.resourceType()) && !request.url().endsWith("icon.svg")) fault(how.name, `loads ${request.url()}`);
  });
  page.on("console", (message) => {
    // A page of a refusal is what was asked for there.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) fault(how.name, `console: ${message.text()}`);
  });
  page.on("pageerror", (error) => fault(how.name, `script: ${error.message}`));
  page.on("response", (response) => response.status() >= 500 && fault(how.name, `${response.status()} at ${response.url()}`));
  return { context, page };
}

async function logIn(page) {
  await page.goto(`${base}/console`);
  if (!page.url().endsWith("/console/login")) fault("login", `a stranger is led to ${page.url()}`);
  if (token) {
    await page.getByLabel("Your token").fill(token);
    await page.getByRole("button", { name: "Log in", exact: true }).click();
  } else {
    await page.getByRole("button", { name: "Go on without a token" }).click();
  }
  if (new URL(page.url()).pathname !== "/console") fault("login", `ends at ${page.url()}`);
}

/** What is wrong with the page as it stands. */
async function look(page, name, how) {
  const where = `${name} (${how.name})`;
  looked += 1;
  const found = await page.evaluate(() => {
    const root = document.documentElement;
    return {
      overflow: root.scrollWidth - root.clientWidth,
      styled: getComputedStyle(document.body).marginTop === "0px",
      pictures: document.querySelectorAll("img, picture, video, canvas, object, embed, iframe, image").length,
      inline: document.querySelectorAll("[style], style, script:not([src])").length,
      headings: document.querySelectorAll("h1").length,
      text: document.body.innerText,
      unlabelled: [...document.querySelectorAll("input:not([type=hidden]), select")].filter((field) => !field.labels?.length).length,
    };
  });
  if (found.overflow > 0) fault(where, `is ${found.overflow} pixels wider than the window`);
  if (!found.styled) fault(where, "has lost its style");
  if (found.pictures) fault(where, `${found.pictures} pictures`);
  if (found.inline) fault(where, `${found.inline} inline styles or scripts`);
  if (found.headings !== 1) fault(where, `${found.headings} main headings`);
  if (found.unlabelled) fault(where, `${found.unlabelled} fields without a label`);
  if (/coffee\.jpg|innerward-console=/.test(found.text)) fault(where, "tells the name of a file, or a session");
  if (how.scripts) {
    // axe is no part of the page, whose policy would not let it in; it comes by way of the debugger.
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() =>
      globalThis.axe.run(document, { preload: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
    );
    for (const violation of violations) {
      const nodes = violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160));
      fault(where, `axe ${violation.id}: ${violation.help}; ${violation.nodes.length} times, such as ${nodes.join(" | ")}`);
    }
  }
  if (shots) await page.screenshot({ path: join(shots, `${name}-${how.name.replaceAll(" ", "-")}.png`), fullPage: true });
}

const says = async (page, text, where) => {
  if (!(await page.locator("main").innerText()).includes(text)) fault(where, `does not say ${JSON.stringify(text)}`);
};

/** The hash by which the list knows the coffee, as a fellow of it would paste it. */
const SHA256 = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

async function walk(how) {
  const { context, page } = await open(how);
  await page.goto(`${base}/console/login`);
  await look(page, "login", how);
  await page.getByLabel("Your token").fill("iw_wrong");
  if (token) {
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await look(page, "login-refused", how);
  }
  await logIn(page);
  const links = await page.getByRole("navigation").getByRole("link").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  if (links.length < 9) fault(how.name, `only ${links.length} pages are offered`);
  for (const path of links) {
    const answer = await page.goto(base + path);
    if (answer.status() !== 200) fault(path, `answers ${answer.status()}`);
    await look(page, path.split("/").pop(), how);
  }
  await page.goto(`${base}/console/sets/DEMO`);
  await look(page, "one-set", how);
  await page.goto(`${base}/console/nothing`);
  await look(page, "no-page", how);

  // A file, chosen; where there are scripts, dropped.
  await page.goto(`${base}/console/match`);
  if (how.scripts) {
    const bytes = [...readFileSync(coffee)];
    const dropped = await page.evaluateHandle((content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(content)], "coffee.jpg", { type: "image/jpeg" }));
      return transfer;
    }, bytes);
    await page.dispatchEvent("main h1", "drop", { dataTransfer: dropped });
    if (!page.url().endsWith("/match")) fault(how.name, "a file that misses its field leaves the page");
    await page.dispatchEvent(".drop .note", "drop", { dataTransfer: dropped });
    if ((await page.locator("#file").evaluate((input) => input.files.length)) !== 1) fault(how.name, "a dropped file is not taken");
  } else {
    await page.locator("#file").setInputFiles(coffee);
  }
  await page.getByRole("button", { name: "Check" }).click();
  await says(page, "DEMO", `file (${how.name})`);
  await says(page, "of 31 bits", `file (${how.name})`);
  await look(page, "match-file", how);
  if (!(await page.locator("figure.bits svg").count())) fault(how.name, "no bits are drawn");

  await page.locator("#hash").fill(SHA256);
  await page.getByRole("button", { name: "Check" }).click();
  await says(page, "for equality", `hash (${how.name})`);
  await look(page, "match-hash", how);

  await page.goto(`${base}/console/compare`);
  await page.locator("#file-a").setInputFiles(coffee);
  await page.locator("#file-b").setInputFiles(join(pictures, "edits", "coffee-half-size.jpg"));
  await page.getByRole("button", { name: "Compare" }).click();
  await says(page, "They look alike.", `compare (${how.name})`);
  await look(page, "compare-files", how);
  return { context, page };
}

/** What changes something, once with scripts and once without. */
async function change(page, how) {
  await page.goto(`${base}/console/quarantine`);
  await page.getByRole("button", { name: /^Put back/ }).first().click();
  await says(page, "Put back: the entry matches again.", `put back (${how.name})`);
  await look(page, "put-back", how);
  await page.getByRole("button", { name: /^Look at it/ }).first().click();
  await says(page, "put back from quarantine", `entry (${how.name})`);
  await look(page, "entry", how);
  await page.getByLabel("Deconfirm").check();
  await page.getByLabel("Severity").selectOption({ index: 1 });
  await page.getByLabel("Reason, as a code").fill("looked-2");
  await page.getByRole("button", { name: "Keep this decision" }).click();
  await says(page, "The decision is kept", `decide (${how.name})`);
  await says(page, "looked-2", `decide (${how.name})`);
  await look(page, "decided", how);
  await page.goto(`${base}/console/audit`);
  await says(page, "quarantine.release", `audit (${how.name})`);
  await look(page, "audit-after", how);
}

/** By the keyboard alone: the first stop skips the navigation, and each stop can be seen. */
async function tab(page, how) {
  await page.goto(`${base}/console/match`);
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement?.className);
  if (first !== "skip") fault(how.name, `the first stop is ${first}`);
  for (let stop = 0; stop < 16; stop += 1) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== "none");
    if (!seen) fault(how.name, `stop ${stop} by the keyboard cannot be seen`);
  }
}

const WIDTHS = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };
const changed = new Set();
for (const [width, viewport] of Object.entries(WIDTHS)) {
  for (const colorScheme of ["light", "dark"]) {
    for (const scripts of [true, false]) {
      const how = { name: `${width} ${colorScheme}${scripts ? "" : " no scripts"}`, scripts, context: { viewport, colorScheme, javaScriptEnabled: scripts } };
      try {
        const { context, page } = await walk(how);
        if (!changed.has(scripts)) {
          changed.add(scripts);
          await change(page, how);
          // As it was, for the next one.
          await page.goto(`${base}/console/quarantine`);
          await page.getByRole("button", { name: /^Guard again/ }).first().click();
          await says(page, "Guarded again", how.name);
          if (scripts) await tab(page, how);
        }
        await page.getByRole("button", { name: "Log out" }).click();
        if (!page.url().endsWith("/console/login")) fault(how.name, "logging out leaves somebody in");
        await context.close();
      } catch (error) {
        fault(how.name, error.message.split("\n").slice(0, 4).join(" "));
      }
    }
  }
}
await browser.close();
console.log(`${looked} looks at the console`);
if (faults.size) {
  console.error([...faults].slice(0, 60).join("\n"));
  console.error(`${faults.size} faults`);
  process.exit(1);
}
