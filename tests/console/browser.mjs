// What people do in the console, in a real browser. Usage: node browser.mjs ADDRESS (of a running demo)
//
// Every step is an assertion; the first that fails ends it with a picture of the page beside this file's temporary output.
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const base = process.argv[2];
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: quiet });

/** A fresh browser window; what its pages ask of other hosts, or complain of, is a failure. */
async function window(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.on("pageerror", (error) => assert.fail(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    const refused = /status of 4\d\d/.test(message.text());
    if (message.type() === "error" && !refused) assert.fail(`${page.url()}: ${message.text()}`);
  });
  page.on("request", (request) => assert.ok(request.url().startsWith(base), `asks another host: ${request.url()}`));
  return page;
}

async function sign_in(page, username, plane = "dashboard") {
  await page.goto(`${base}/?tenant=abcimis`);
  await page.fill("[name=username]", username);
  await page.fill("[name=password]", `${username}-demo-2`);
  await page.check(`[name=plane][value=${plane}]`);
  await page.click("button.main");
  await page.waitForURL(`${base}/t/abcimis`);
}

const has = async (page, text) => assert.ok((await page.textContent("main")).includes(text), `no "${text}" on ${page.url()}`);

const steps = {
  async "sign in, and find who granted Jeff his right as of now and before"() {
    const page = await window();
    await sign_in(page, "nina", "platform");
    await page.click("nav >> text=People");
    await page.click("main >> text=Jeff T.");
    await page.getByRole("link", { name: "Admin User", exact: true }).click();
    await has(page, "Jeff T. may add and remove Admin Users");
    await has(page, "Bob S. made Jeff T. an Admin User");
    await has(page, "by the first sign-in, Bob S. became an Admin User");
    const granted = Number(/#(\d+)/.exec(await page.textContent(".chain li"))[1]);
    await page.fill("#when-as-of", String(granted - 1));
    await page.press("#when-as-of", "Enter");
    await has(page, "Jeff T. may not add and remove Admin Users");
    assert.match(await page.textContent("#when"), /As it was at/);
    // A link from there stays there.
    await page.click("nav >> text=Admin Users");
    assert.ok(page.url().includes(`as_of=${granted - 1}`), page.url());
    await has(page, "Bob S.");
    assert.ok(!(await page.textContent("main")).includes("Jeff T."));
  },

  async "move the time machine"() {
    const page = await window();
    await sign_in(page, "nina", "platform");
    await page.goto(`${base}/t/abcimis/admins`);
    await has(page, "Jeff T.");
    await page.$eval("#machine-slider", (slider) => {
      slider.value = "0";
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await page.waitForSelector("body.past");
    assert.ok(!(await page.textContent("main")).includes("Jeff T."), "at the beginning Jeff is no Admin User");
    assert.ok((await page.title()).startsWith("Admin Users"));
    const [before] = /position (\d+)/.exec(await page.textContent("#when")).slice(1);
    await page.click("#when >> text=entry →");
    await page.waitForFunction((before) => !document.getElementById("when").textContent.includes(`position ${before} `), before);
    await page.click("#when >> text=Back to now");
    await page.waitForSelector("body:not(.past)");
    await has(page, "Jeff T.");
  },

  async "do something: shown first, then done, and refused by a rule"() {
    const page = await window();
    await sign_in(page, "bob");
    await page.goto(`${base}/t/abcimis/do/assign_app_user?account=veronica&app=datastation`);
    await page.fill("[name=reason]", "the report of the year");
    await page.click("text=Show what it would do");
    await has(page, "Nothing is recorded yet");
    await page.click("text=Do it");
    await has(page, "Recorded");
    await has(page, "Bob S. assigned Veronica W. to datastation");
    await has(page, "the report of the year");
    await page.goto(`${base}/t/abcimis/do/assign_role?account=bob&role=SysAdmin`);
    await has(page, "A rule does not let you");
    await has(page, "Rule G7");
  },

  async "a plain member sees their own alone"() {
    const page = await window();
    await sign_in(page, "sarah");
    await has(page, "Welcome, Sarah E.");
    const answer = await page.goto(`${base}/t/abcimis/people/jeff`);
    assert.equal(answer.status(), 403);
    await has(page, "Rule U2");
  },

  async "it works without a script"() {
    const page = await window({ javaScriptEnabled: false });
    await sign_in(page, "nina", "platform");
    await page.goto(`${base}/t/abcimis/admins`);
    await page.fill("#machine-slider", "0");
    await page.click(".machine button");
    assert.match(page.url(), /as_of=/);
    assert.ok(!(await page.textContent("main")).includes("Jeff T."));
    await page.click("text=Sign out");
    assert.match(await page.textContent("main"), /You are signed out/);
  },

  async "the keyboard alone is enough"() {
    const page = await window();
    await page.goto(`${base}/?tenant=abcimis`);
    const at = () => page.evaluate(() => document.activeElement.name || document.activeElement.textContent.trim());
    const tab_to = async (wanted) => {
      for (let count = 0; count < 80; count += 1) {
        await page.keyboard.press("Tab");
        if ((await at()) === wanted) return;
      }
      assert.fail(`the keyboard does not reach "${wanted}" on ${page.url()}`);
    };
    await tab_to("username");
    await page.keyboard.type("nina");
    await tab_to("password");
    await page.keyboard.type("nina-demo-2");
    await tab_to("plane");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${base}/t/abcimis`);
    await page.keyboard.press("Tab");
    assert.equal(await at(), "Skip to the content");
    await page.keyboard.press("Enter");
    await page.waitForURL(/#main$/);
    await page.waitForFunction(() => document.activeElement.id === "main");
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.getElementById("main").contains(document.activeElement)), "the skip link skips");
    const seen = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(seen, "none", "the focus is seen");
    await page.goto(`${base}/t/abcimis/people`);
    await tab_to("Jeff T.");
    await page.keyboard.press("Enter");
    await page.waitForURL(/people\/jeff/);
    // All the way through and out again: nothing holds the focus.
    await tab_to("step");
    await page.keyboard.press("ArrowLeft");
    await page.waitForSelector("body.past");
    await tab_to("JSON");
    await tab_to("Skip to the content");
  },

  async "axe finds nothing on any page, light and dark, wide and narrow"() {
    const pages = [
      "", "/people", "/people/jeff", "/why", "/why?account=jeff&do=dashboard.manage_admins", "/why?account=sarah&do=roles.assign",
      "/admins", "/apps", "/background", "/roles", "/roles?role=SysAdmin", "/groups", "/groups?group=Reporting", "/objects",
      "/view", "/view/sessions", "/view/levels", "/view/organisations", "/journal", "/journal/19", "/time", "/setup", "/findings", "/settings",
      "/do", "/do/add_admin", "/do/define_contact_visibility", "/do/grant_access", "/enrol", "/people/jeff?as_of=18", "/people/nobody",
    ];
    for (const [colorScheme, width] of [["light", 1280], ["dark", 1280], ["light", 390]]) {
      const page = await window({ colorScheme, viewport: { width, height: 900 } });
      await page.goto(base);
      await check(page, colorScheme, width);
      await sign_in(page, "nina", "platform");
      for (const path of pages) {
        await page.goto(`${base}/t/abcimis${path}`);
        await check(page, colorScheme, width);
      }
      await page.context().close();
    }
  },
};

async function check(page, scheme, width) {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wider <= 0, `${page.url()} is wider than ${width} by ${wider}`);
  // What is said and coloured is the same at any width.
  if (width < 1000) return;
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.map((found) => `${found.id}: ${found.nodes[0].html}`);
  assert.deepEqual(told, [], `${page.url()} in ${scheme}`);
}

let failed = false;
for (const [name, step] of Object.entries(steps)) {
  if (process.argv[3] && !name.includes(process.argv[3])) continue;
  try {
    await step();
    console.log(`ok: ${name}`);
  } catch (error) {
    failed = true;
    console.error(`FAILED: ${name}\n${error.stack}`);
    const place = mkdtempSync(join(tmpdir(), "console-"));
    for (const [index, context] of browser.contexts().entries()) {
      for (const page of context.pages()) await page.screenshot({ path: join(place, `${index}.png`), fullPage: true }).catch(() => {});
    }
    console.error(`pictures in ${place}`);
  }
  for (const context of browser.contexts()) await context.close();
}
await browser.close();
process.exit(failed ? 1 : 0);
