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
    await page.click("#when >> text=Now");
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

  async "an entry's proof is checked in the browser, and a tampered one fails"() {
    const page = await window();
    await sign_in(page, "nina", "platform");
    await page.goto(`${base}/t/abcimis/journal/19`);
    await page.waitForSelector("#proof-outcome .holds");
    await has(page, "Proven. The ");
    await has(page, "signed by the key of grantbook/abcimis/");
    await page.click("#proof-tamper");
    await page.waitForSelector("#proof-outcome .lacks");
    await has(page, "they are not what was written");
    // A server that hands out other bytes than were written is found out too, and so is another root.
    const alter = async (pattern, change) => {
      await page.route(pattern, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: change(await response.body()) });
      });
      await page.click("#proof-again");
      await page.waitForSelector("#proof-outcome .lacks");
      await page.unroute(pattern);
      await page.click("#proof-again");
      await page.waitForSelector("#proof-outcome .holds");
    };
    await page.click("#proof-again");
    await page.waitForSelector("#proof-outcome .holds");
    await alter(/tile\/entries/, (body) => body.map((byte, index) => (index > 2000 && index % 97 === 0 ? byte ^ 1 : byte)));
    const other = (_, before, letter) => before + (letter === "A" ? "B" : "A");
    await alter(/proof\/inclusion/, (body) => Buffer.from(body.toString().replace(/("proof":\[")(.)/, other)));
    await alter(/checkpoint\?format=json/, (body) => Buffer.from(body.toString().replace(/\+[0-9a-f]{8}\+/g, "+00000000+")));
  },

  async "a blast radius is looked at, and what would be without it"() {
    const page = await window();
    await sign_in(page, "nina", "platform");
    await page.click("nav >> text=Investigate");
    await page.fill("main [name=account]", "bob");
    await page.click("main form.filter button");
    await has(page, "What rests on Bob S.");
    await has(page, "Bob S. made Jeff T. an Admin User");
    // What rests on it through Jeff is there as well, and the plan that undoes it.
    await has(page, "Jeff T. set Powersuite as the Background Account");
    const steps = await page.locator("#the-plan-of-repair tbody tr").allTextContents();
    assert.ok(steps.some((step) => step.includes("remove_app_user") && step.includes("account jeff, app datastation")), steps.join("\n"));
    await has(page, "without `jeff` no effective Admin User without an end would be left");
    const row = page.locator("#what-was-granted tr", { hasText: "made Jeff T. an Admin User" }).first();
    const granted = Number((await row.locator("a").first().textContent()).slice(1));
    await page.click("nav >> text=What if");
    await page.fill("[name=without]", String(granted));
    await page.click("text=Live through it");
    await has(page, "could not have happened");
    await has(page, "Jeff T. assigned their own account to datastation");
    await has(page, "rule A3");
    await has(page, "admins[jeff]");
    // Put in where it was: by Bob again, right after the entry before.
    await page.selectOption("[name=put]", "add_admin");
    await page.click("text=Fill it in");
    await page.fill("[name=put_after]", String(granted - 1));
    await page.fill("[name=put_as]", "bob");
    await page.fill("[name=account]", "jeff");
    await page.click("button.main");
    await has(page, "put in");
    assert.ok(!(await page.textContent("#what-could-not-have-happened")).includes("rule A3"), "Jeff has his right again");
    await page.click("text=Put it back");
    await page.waitForURL(/what-if\?insert=/);
    await has(page, "Bob S. made Jeff T. an Admin User");
  },

  async "a timeline tells a life, and a day is left out of it"() {
    const page = await window();
    await sign_in(page, "nina", "platform");
    await page.click("nav >> text=People");
    await page.click("main >> text=Jeff T.");
    await page.getByRole("link", { name: "Timeline", exact: true }).last().click();
    await has(page, "Bob S. made Jeff T. an Admin User");
    await page.selectOption("[name=do]", "dashboard.manage_admins");
    await page.click("main form button");
    await has(page, "gained");
    await has(page, "Jeff T. could from here on");
  },

  async "a review is worked through by two, and closed"() {
    const page = await window();
    await sign_in(page, "nina", "platform");
    await page.goto(`${base}/t/abcimis/do/open_review?review=Spring&scope=apps&reviewers=bob,jeff&due=2099-12-31`);
    await page.click("text=Show what it would do");
    await page.click("text=Do it");
    await has(page, "Recorded");
    for (const reviewer of ["bob", "jeff"]) {
      await page.context().clearCookies();
      await sign_in(page, reviewer);
      await page.click("nav >> text=Reviews");
      await page.click("main >> text=Spring");
      // Nobody decides on their own rights.
      assert.equal(await page.locator(`form.decide input[name=item][value^="${reviewer}/"]`).count(), 0);
      if (reviewer === "bob") {
        const rebecca = page.locator("form.decide", { has: page.locator('[value="rebecca/iemail-cloud"]') });
        await rebecca.locator("[name=reason]").fill("left the campaign team");
        await rebecca.getByText("Revoke").click();
        await has(page, "left the campaign team");
        await page.getByRole("button", { name: "Keep jeff/datastation" }).click();
        await page.waitForFunction(() => document.querySelector("main").textContent.includes("1 kept, 1 revoked"));
      }
    }
    for (const item of ["sarah/iemail-cloud", "sarah/idms-iimport", "veronica/cloud-sso"]) {
      await page.getByRole("button", { name: `Keep ${item}` }).click();
      await page.waitForURL(/done=true/);
    }
    await page.getByRole("link", { name: "Close it" }).click();
    await page.click("text=Show what it would do");
    await page.click("text=Do it");
    await has(page, "Recorded");
    await page.click("nav >> text=Reviews");
    await page.click("main >> text=Spring");
    await has(page, "closed");
    await page.goto(`${base}/t/abcimis/apps`);
    assert.ok(!(await page.textContent("main")).includes("Rebecca N."), "what was revoked is carried out");
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
      "/view", "/view/sessions", "/view/levels", "/organisations", "/journal", "/journal/19", "/time", "/setup", "/findings", "/settings",
      "/do", "/do/add_admin", "/do/define_contact_visibility", "/do/grant_access", "/enrol", "/people/jeff?as_of=18", "/people/nobody", "/who-can?do=dashboard.manage_admins", "/people/jeff/lineage", "/reviews", "/compare", "/investigate", "/investigate?account=bob", "/timeline", "/timeline?account=jeff", "/timeline?do=dashboard.manage_admins", "/what-if", "/what-if?without=19", "/what-if?put=assign_role",
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
