// Looks at the page as a person would, and says what it sees.

const assert = require("node:assert");
const { chromium } = require(process.env.PLAYWRIGHT_CORE ?? "playwright-core");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

async function look(page) {
  const step = (name) => page.locator(`.node[aria-label^="step ${name}"]`);
  const edge = (ends) => page.locator(`.edge[aria-label^="edge ${ends}"]`);
  await step("weigh").waitFor();
  const names = await page.locator(".node .title").allTextContents();
  assert.deepStrictEqual(names.sort(), ["in", "load", "out", "weigh"]);
  assert.strictEqual(await page.locator(".edge[role=button]").count(), 3);
  await page.locator('#connection[data-state="live"]').waitFor();
  console.log("drawn as declared");

  await page.locator('.edge[aria-label^="edge weigh to load"][data-level="full"]').waitFor({ state: "attached" });
  await page.locator(".label.full .fill", { hasText: "3/3" }).waitFor();
  await page.locator("#news", { hasText: "the edge weigh to load is full" }).waitFor({ state: "attached" });
  console.log("an edge is full");
  await page.locator('.edge[aria-label^="edge weigh to load"][data-level="idle"]').waitFor({ state: "attached" });
  console.log("it is not any more");

  const failed = page.locator(".failure", { hasText: "nobody <b>takes</b> 31" }).first();
  await failed.waitFor();
  assert.match(await failed.locator("code").textContent(), /^[0-9a-f]{32}$/);
  await failed.locator("summary").click();
  await failed.locator(".waterfall th", { hasText: "weigh" }).waitFor();
  assert.strictEqual(await failed.locator(".bar.failed").count(), 2);
  console.log("a message failed");

  await step("weigh").focus();
  await page.keyboard.press("ArrowRight");
  assert.match(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), /^edge weigh to load/);
  await page.keyboard.press("Enter");
  await page.locator("#details", { hasText: "block: the producer waits for room" }).waitFor();
  assert.strictEqual(await edge("weigh to load").getAttribute("aria-expanded"), "true");
  assert.ok((await page.locator("#details .spark .line").first().getAttribute("d")).length > 10);
  await photograph(page, "details");
  await page.keyboard.press("Escape");
  await page.locator("#details").waitFor({ state: "hidden" });
  await page.locator("#tables summary").click();
  await page.locator("#steps th", { hasText: "weigh" }).waitFor();
  console.log("chosen with the keyboard");

  for (const name of ["book", "outer", "yard"]) {
    await page.locator("nav button", { hasText: name }).click();
    await page.locator(`#picture svg[aria-label*="${name}"]`).waitFor();
    await photograph(page, name);
    assert.deepStrictEqual(await page.evaluate(overlapping), [], name);
  }
  console.log("nothing overlaps");
  await page.locator("nav button", { hasText: "outer" }).waitFor({ state: "detached" });
  console.log("one is gone");
}

// In the page: which labels and boxes are in each other's way, and which words
// are longer than their box.
function overlapping() {
  const all = [...document.querySelectorAll("#picture .label, #picture .node .box")];
  const boxes = all.map((one) => [one.parentNode.textContent || one.textContent, one.getBoundingClientRect()]);
  const faults = [];
  boxes.forEach(([name, one], at) => {
    for (const [other, box] of boxes.slice(at + 1)) {
      const is = one.left < box.right && box.left < one.right && one.top < box.bottom && box.top < one.bottom;
      if (is) faults.push(`${name} / ${other}`);
    }
  });
  for (const node of document.querySelectorAll("#picture .node")) {
    const box = node.querySelector(".box").getBoundingClientRect();
    for (const text of node.querySelectorAll("text")) {
      const { left, right } = text.getBoundingClientRect();
      if (text.textContent && (left < box.left || right > box.right)) faults.push(`${text.textContent} is cut`);
    }
  }
  return faults;
}

// With `SCREENSHOTS=folder`, to be looked at by somebody.
async function photograph(page, name) {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png`, fullPage: true });
  }
}

async function main() {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => {
      console.log(`the page failed: ${error.stack}`);
    });
    await page.goto(process.argv[2]);
    await look(page);
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
