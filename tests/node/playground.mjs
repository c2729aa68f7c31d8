// Drives Chromium through the pages of a running demo, as a visitor would, and fails at the first thing that is not so.
//
//   node playground.mjs http://127.0.0.1:8080 [--screenshots FOLDER]
//
// CHROMIUM names another browser than /usr/bin/chromium.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values: options, positionals: [server] } = parseArgs({
  allowPositionals: true,
  options: { screenshots: { type: 'string' } },
});
const patience = 30_000;

const profile = mkdtempSync(join(tmpdir(), 'countinghouse-chromium-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  headless: true,
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ],
  viewport: { width: 1280, height: 800 },
  colorScheme: 'light',
});
browser.setDefaultTimeout(patience);

// What must never happen, whatever page is open.
const strangers = [];
const complaints = [];
const isOwn = (url) => ['data:', 'blob:'].includes(url.protocol) || url.host === new URL(server).host;
const meet = (address) => isOwn(new URL(address)) || strangers.push(address);
await browser.addInitScript(() => {
  addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
    console.error(`policy: ${effectiveDirective} ${blockedURI} (${sourceFile}:${lineNumber})`));
});
browser.on('request', (request) => meet(request.url()));
const page = browser.pages()[0];
page.on('websocket', (socket) => meet(socket.url()));
page.on('pageerror', (error) => complaints.push(error.message));
page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));

const editor = page.locator('.graphiql-query-editor .monaco-editor').first();
const answer = page.locator('.result-window .view-lines');
const text = async (locator) => (await locator.innerText()).replaceAll('\u00a0', ' ');

async function until(what, isSo) {
  const end = Date.now() + patience;
  let seen;
  do {
    seen = await isSo();
    if (seen === true) return;
    await page.waitForTimeout(100);
  } while (Date.now() < end);
  assert.fail(`${what}; what is there: ${seen}`);
}

async function open() {
  await page.goto(`${server}/playground`);
  assert.equal(await page.getByText('came without its playground').count(), 0,
    'this binary has no playground: `touch playground/build.rs` and build again with npm and a network');
  await editor.waitFor();
}

async function run(expected) {
  await page.locator('.graphiql-execute-button').click();
  await until(`the answer has ${expected}`, async () => {
    const shown = await text(answer);
    assert.doesNotMatch(shown, /"errors"/);
    return expected.test(shown) || shown;
  });
}

const tab = (name) => page.getByRole('tab', { name, exact: true });

// A new tab with this in it, once the editor's workers have read it.
async function write(query) {
  await page.getByLabel('New tab').click();
  await editor.click();
  await page.keyboard.insertText(query);
  await page.waitForTimeout(1000);
}

async function brightness() {
  const colour = await page.evaluate(() => {
    const { backgroundColor } = getComputedStyle(document.querySelector('.graphiql-container') ?? document.body);
    return backgroundColor.match(/\d+/g).slice(0, 3).map(Number);
  });
  return colour.reduce((sum, part) => sum + part, 0) / 3;
}

const steps = {
  'the landing page fits every width, and its links lead somewhere': async () => {
    await page.goto(server);
    for (const width of [400, 800, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${overflow} pixels too wide at ${width}`);
    }
    const hrefs = await page.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    for (const href of hrefs) {
      const status = (await page.request.get(server + href)).status();
      assert.equal(status, 200, href);
    }
    await page.locator('a[href="/playground"]').click();
    await editor.waitFor();
  },

  'the page loads with its examples and the headers of the demo': async () => {
    await open();
    const names = await page.getByRole('tab').evaluateAll((tabs) => tabs.map((tab) => tab.innerText.trim()));
    assert.ok(names.includes('Revenue') && names.length >= 10, names.join());
    const outside = await page.locator('.graphiql-tabs').evaluate((strip) => strip.scrollWidth - strip.clientWidth);
    assert.ok(outside <= 0, `${outside} pixels of the tabs are outside their strip`);
    await until('headers are filled in', async () => /"Authorization": "Bearer /.test(
      await text(page.locator('.graphiql-editor-tool .view-lines').last())));
  },

  'the documentation tells the schema': async () => {
    await page.getByLabel('Show Documentation Explorer').click();
    await page.locator('.graphiql-doc-explorer-content').getByText('Query', { exact: true }).click();
    await page.locator('.graphiql-doc-explorer-content').getByText('salesReps', { exact: true }).waitFor();
    await page.getByLabel('Hide Documentation Explorer').click();
  },

  'a field name is completed, and the query runs': async () => {
    await page.getByLabel('New tab').click();
    await editor.click();
    await page.keyboard.type('{ view', { delay: 60 });
    const suggestion = page.locator('.suggest-widget.visible .monaco-list-row').first();
    await suggestion.waitFor();
    assert.match(await text(suggestion), /^viewer/);
    await page.keyboard.press('Enter');
    await page.keyboard.insertText(' { organization { id } }');
    await page.waitForTimeout(1000);
    assert.match(await text(editor.locator('.view-lines')), /viewer \{ organization \{ id \} \}/);
    await page.keyboard.press('Control+Enter');
    await until('the organization is told', async () => /"id": "demo"/.test(await text(answer)));
  },

  'every example runs as it is': async () => {
    for (const name of await page.getByRole('tab').evaluateAll((tabs) => tabs.map((tab) => tab.innerText.trim()))) {
      if (name === 'Live' || name.startsWith('<')) continue;
      await tab(name).click();
      await page.waitForTimeout(300);
      const field = name[0].toLowerCase() + name.slice(1);
      await run(new RegExp(`"data": \\{\\s*"${field}": [[{]`));
    }
  },

  'an example opens again from its panel': async () => {
    const before = await page.getByRole('tab').count();
    await page.getByLabel('Show Examples').click();
    await page.locator('.examples button').first().click();
    await page.getByLabel('Hide Examples').click();
    assert.equal(await page.getByRole('tab').count(), before + 1);
    await page.waitForTimeout(1000);
    await run(/"revenue": \{/);
  },

  'a subscription sends': async () => {
    await tab('Live').first().click();
    await page.waitForTimeout(1000);
    await page.locator('.graphiql-execute-button').click();
    await until('a first event', async () => /"live": \{\s*"revenue"/.test(await text(answer)) || text(answer));
    await page.locator('.graphiql-execute-button').click(); // now it stops
  },

  'what was written is kept, and no credential with it': async () => {
    await write('{ viewer { subject } }');
    await run(/"subject"/);
    await page.waitForTimeout(1500);
    const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    assert.match(stored, /viewer \{ subject/);
    assert.doesNotMatch(stored, /Bearer|Authorization/);
    await open();
    await until('the query is there again', async () => /subject/.test(await text(editor.locator('.view-lines'))));
    await page.waitForTimeout(1000);
    await run(/"subject"/);
    // From the history, which is stored without headers, it runs as well.
    await page.getByLabel('Show History').click();
    await page.locator('.graphiql-history-item-label').last().click();
    await page.getByLabel('Hide History').click();
    await page.waitForTimeout(1000);
    await run(/"data": \{/);
  },

  'light and dark follow the system': async () => {
    assert.ok(await brightness() > 200, `light: ${await brightness()}`);
    await page.emulateMedia({ colorScheme: 'dark' });
    await open();
    assert.ok(await brightness() < 80, `dark: ${await brightness()}`);
    await page.goto(server);
    assert.ok(await brightness() < 80, `dark landing page: ${await brightness()}`);
    await page.emulateMedia({ colorScheme: 'light' });
  },

  'narrow screens have everything within reach': async () => {
    for (const width of [400, 800]) {
      await page.setViewportSize({ width, height: 850 });
      await open();
      for (const part of ['.graphiql-execute-button', '.result-window', '.graphiql-editor-tool', '.home']) {
        const box = await page.locator(part).first().boundingBox();
        assert.ok(box.x >= 0 && box.x + box.width <= width && box.y + box.height <= 850, `${part} at ${width}`);
        assert.ok(box.width > 20 && box.height > 20, `${part} at ${width}`);
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  },

  'the reference shows every route and tries one with the key of the demo': async () => {
    for (const width of [400, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`${server}/docs`);
      const routes = page.locator('.opblock-summary');
      await routes.nth(47).waitFor();
      assert.equal(await routes.count(), 48);
      const route = page.locator('#operations-momentum-revenue');
      await route.locator('.opblock-summary').click();
      const start = new Date();
      start.setUTCDate(0);
      const from = route.locator('tr[data-param-name="startDate"] input');
      assert.equal(await from.inputValue(), `${start.toISOString().slice(0, 7)}-01T00:00:00Z`);
      await route.locator('.execute').click();
      const live = route.locator('.live-responses-table tbody');
      await live.waitFor();
      await until('the route answers', async () => {
        const shown = await text(live);
        return /^200\b[^]*"totalRevenue": [1-9][^]*"currencyCode": "EUR"/.test(shown) || shown;
      });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${overflow} pixels too wide at ${width}`);
    }
  },

  'the reference takes the colours that the machine likes': async () => {
    for (const [colorScheme, isDark] of [['dark', true], ['light', false]]) {
      await page.emulateMedia({ colorScheme });
      await until(`it is ${colorScheme}`, async () => (await brightness()) < 128 === isDark);
      const text = await page.locator('.opblock-summary-path').first().evaluate((path) =>
        getComputedStyle(path).color.match(/\d+/g).slice(0, 3).map(Number).reduce((sum, part) => sum + part) / 3);
      assert.equal(text > 128, isDark, `${colorScheme}: ${text}`);
    }
  },

  ...(options.screenshots && {
    'screenshots': async () => {
      mkdirSync(options.screenshots, { recursive: true });
      await page.evaluate(() => localStorage.clear());
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        for (const width of [400, 800, 1280]) {
          await page.setViewportSize({ width, height: 850 });
          const shot = (name, fullPage) =>
            page.screenshot({ path: join(options.screenshots, `${name}-${colorScheme}-${width}.png`), fullPage });
          await page.goto(server);
          await shot('landing', true);
          await open();
          await page.waitForTimeout(1500);
          await run(/"revenue"/);
          await shot('playground', false);
          await page.goto(`${server}/docs`);
          await page.locator('.opblock-summary').first().waitFor();
          await shot('docs', true);
        }
      }
    },
  }),

  'nothing came from elsewhere, and no policy was broken': async () => {
    assert.deepEqual(strangers, []);
    assert.deepEqual(complaints, []);
  },
};

let failed = 0;
for (const [name, step] of Object.entries(steps)) {
  const started = Date.now();
  try {
    await step();
    console.log(`ok      ${name} (${Date.now() - started} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.stack}\non ${page.url()}, with ${JSON.stringify({ strangers, complaints })}`);
    break;
  }
}
await browser.close();
rmSync(profile, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;
