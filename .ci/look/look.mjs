// Looks at a built site in Chromium: accessibility (axe-core), requests, layout, printing, and pictures for the eye.
//
//   node look.mjs SITE [--shots FOLDER] [--few]
//
// Takes the folder that `innerward report build` wrote and opens it as files, the hardest case. Ends with 1 and a list if
// anything is wrong. --few takes a handful of pages, for every change; without it, every kind of page in every language,
// light and dark, desktop and phone, with scripts and without.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const arguments_ = process.argv.slice(2);
const few = arguments_.includes("--few");
const shotsAt = arguments_.indexOf("--shots");
const shots = shotsAt < 0 ? null : resolve(arguments_[shotsAt + 1]);
const site = resolve(arguments_[0] ?? "");
if (!existsSync(join(site, "index.html"))) {
  console.error("usage: node look.mjs SITE [--shots FOLDER] [--few]");
  process.exit(2);
}
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browserPath =
  process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (!browserPath) {
  console.error("no Chromium here; name one with CHROMIUM");
  process.exit(2);
}

/** Folders of languages, and one page of every kind in each. */
const languages = readdirSync(site).filter((name) => existsSync(join(site, name, "index.html")));
const standing = ["index", "releases", "method", "data", "glossary", "brief"].map((name) => `${name}.html`);
function pagesOf(language) {
  const all = readdirSync(join(site, language)).filter((name) => name.endsWith(".html"));
  const releases = all.filter((name) => name.startsWith("release-"));
  const series = all.filter((name) => !standing.includes(name) && !name.startsWith("release-"));
  const largest = [...series].sort((a, b) => size(language, b) - size(language, a));
  return [...standing, ...(few ? largest.slice(0, 1) : series), releases.at(-1)];
}
const size = (language, name) => statSync(join(site, language, name)).size;

const faults = [];
const fault = (where, what) => faults.push(`${where}: ${what}`);
let looked = 0;

const browser = await chromium.launch({
  executablePath: browserPath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"],
});

const WIDTHS = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };

async function look(page, path, how) {
  const where = `${path} (${how.name})`;
  const outside = [];
  const onRequest = (request) => {
    if (!request.url().startsWith(pathToFileURL(site).href) && !request.url().startsWith("data:")) outside.push(request.url());
  };
  const onMessage = (message) => message.type() === "error" && fault(where, `console: ${message.text()}`);
  page.on("request", onRequest);
  page.on("console", onMessage);
  const done = () => {
    page.off("request", onRequest);
    page.off("console", onMessage);
  };
  await page.goto(pathToFileURL(join(site, path)).href, { waitUntil: "load" });
  looked += 1;
  if (outside.length) fault(where, `asks for ${outside.join(", ")}`);

  await page.waitForTimeout(60);
  // Timers do not run where scripts are off, so this asks for what is there already.
  const found = await page.evaluate(() => {
    const root = document.documentElement;
    const small = [...document.querySelectorAll("svg text")].filter((text) => {
      const box = text.getBoundingClientRect();
      return box.height > 0 && box.height < 10;
    });
    return {
      overflow: root.scrollWidth - root.clientWidth,
      cut: [...document.querySelectorAll(".scroll")].map((box) => box.scrollWidth - box.clientWidth).filter((over) => over > 0),
      shift: globalThis.shifted ?? 0,
      slots: [...document.querySelectorAll(".reader, .filter")].filter((slot) => slot.getBoundingClientRect().height > 0).length,
      text: document.body.innerText.length,
      styled: getComputedStyle(document.body).marginTop === "0px",
      small: small.length,
      drawn: [...document.querySelectorAll("figure svg")].filter((svg) => svg.getBoundingClientRect().width > 0).length,
      figures: document.querySelectorAll("figure.chart").length,
    };
  });
  if (found.overflow > 0) fault(where, `is ${found.overflow} pixels wider than the window`);
  if (how.name.startsWith("desktop") && found.cut.length) fault(where, `tables are cut by ${found.cut.join(", ")} pixels`);
  if (found.shift > 0) fault(where, `its layout shifts by ${found.shift}`);
  if (found.text < 200) fault(where, "shows next to no text");
  if (!found.styled) fault(where, "has lost its style");
  if (found.small) fault(where, `${found.small} texts of charts are too small to read`);
  if (found.drawn < found.figures) fault(where, `${found.figures} charts, ${found.drawn} drawings`);

  if (!how.scripts) {
    if (found.slots) fault(where, "shows controls that need a script");
    return done();
  }
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    // eslint-disable-next-line no-undef
    axe.run(document, { preload: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  for (const violation of violations) {
    const nodes = violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160));
    fault(where, `axe ${violation.id}: ${violation.help}; ${violation.nodes.length} times, such as ${nodes.join(" | ")}`);
  }
  if (shots && how.shoot) {
    const name = `${path.replaceAll("/", "-").replace(".html", "")}-${how.name.replaceAll(" ", "-")}.png`;
    await page.screenshot({ path: join(shots, name), fullPage: true });
  }
  return done();
}

/** The values along a line can be read by the keyboard, and rows can be filtered. */
async function use(context, language) {
  const page = await context.newPage();
  const series = pagesOf(language).find((name) => !standing.includes(name) && !name.startsWith("release-"));
  await page.goto(pathToFileURL(join(site, language, series)).href);
  const slider = page.locator(".trend:not(:has(.empty)) .reader input").first();
  if (await slider.count()) {
    const output = page.locator(".trend:not(:has(.empty)) .reader output").first();
    const before = await output.textContent();
    await slider.focus();
    await page.keyboard.press("Home");
    const after = await output.textContent();
    if (!before || !after || before === after) fault(`${language}/${series}`, "the keys do not move along the line");
  }
  await page.goto(pathToFileURL(join(site, language, "glossary.html")).href);
  const rows = () => page.locator("table.list tbody tr:visible").count();
  const all = await rows();
  await page.locator(".filter input").first().fill("_U");
  if ((await rows()) >= all) fault(`${language}/glossary.html`, "the filter leaves every row");
  await page.close();
}

/** What is folded on a screen is open on paper, without scripts too. */
async function unfold(language) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.emulateMedia({ media: "print" });
  for (const file of pagesOf(language).filter((name) => !standing.includes(name))) {
    await page.goto(pathToFileURL(join(site, language, file)).href);
    const hidden = await page.evaluate(
      () => [...document.querySelectorAll("details table")].filter((table) => !table.checkVisibility({ contentVisibilityAuto: true }) || table.offsetHeight === 0).length,
    );
    if (hidden) fault(`${language}/${file}`, `${hidden} tables are missing on paper where scripts are off`);
  }
  await context.close();
}

/** The brief fits two pages of A4. */
async function print(page, language) {
  await page.goto(pathToFileURL(join(site, language, "brief.html")).href);
  const path = join(shots ?? tmpdir(), `brief-${language}-${process.pid}.pdf`);
  await page.pdf({ path, format: "A4", preferCSSPageSize: true, printBackground: true });
  const pages = readFileSync(path, "latin1").match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
  if (pages < 1 || pages > 2) fault(`${language}/brief.html`, `prints on ${pages} pages`);
  return pages;
}

if (shots) mkdirSync(shots, { recursive: true });
const taken = few ? languages.filter((tag) => ["en", "ar"].includes(tag) || languages.length < 3) : languages;
for (const [width, viewport] of Object.entries(WIDTHS)) {
  for (const colorScheme of few && width === "desktop" ? ["light"] : ["light", "dark"]) {
    for (const javaScriptEnabled of few ? [width === "phone"] : [true, false]) {
      const context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled });
      const page = await context.newPage();
      await page.addInitScript(() => {
        globalThis.shifted = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => (globalThis.shifted += entry.value))).observe({
          type: "layout-shift",
          buffered: true,
        });
      });
      const name = `${width} ${colorScheme}${javaScriptEnabled ? "" : " no scripts"}`;
      await look(page, "index.html", { name, scripts: javaScriptEnabled, shoot: javaScriptEnabled });
      for (const language of taken) {
        for (const file of pagesOf(language)) await look(page, `${language}/${file}`, { name, scripts: javaScriptEnabled, shoot: javaScriptEnabled });
      }
      if (javaScriptEnabled && colorScheme === "light") await use(context, taken[0]);
      await context.close();
    }
  }
}
for (const language of few ? taken.slice(0, 1) : taken) await unfold(language);
const context = await browser.newContext();
const page = await context.newPage();
const printed = [];
for (const language of languages) printed.push(`${language} ${await print(page, language)}`);
await browser.close();

console.log(`${looked} looks at ${taken.length} languages of ${basename(site)}; briefs in pages: ${printed.join(", ")}`);
if (faults.length) {
  const unique = [...new Set(faults)];
  console.error(unique.slice(0, 60).join("\n"));
  console.error(`${unique.length} faults`);
  process.exit(1);
}
