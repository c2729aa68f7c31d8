// Drives Chromium through a shop whose pages embed the tracking script, as visitors would: one who may be followed, one who asks
// not to be, and a program.
//
//   node tracking.mjs http://127.0.0.1:3000 http://127.0.0.1:8080/r/BLOG10?site=ts_…
//
// CHROMIUM names another browser than /usr/bin/chromium. It prints what the visitor's session is, as the script tells it.
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { positionals: [shop, link] } = parseArgs({ allowPositionals: true });
const agent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';

const launched = (args) => chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', ...args],
});
// A context's own user agent is not told by the beacons of a page that is left, and the headless one's is a program's.
const [visitors, programs] = [await launched([`--user-agent=${agent}`]), await launched([])];

async function visit(browser, options, prepare) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(20_000);
  if (prepare) await context.addInitScript(prepare);
  const page = await context.newPage();
  const sent = [], complaints = [];
  page.on('request', (request) => request.url().includes('/v1/track?') && sent.push(request));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  return { context, page, sent, complaints };
}

// Through the shop: a link of an affiliate's, a product, into the cart and out again, an order.
async function buy(page) {
  await page.goto(link);
  assert.equal(page.url(), `${shop}/`);
  await page.getByText('Lamps').click();
  await page.waitForURL(`${shop}/lamp?colour=red`);
  await page.getByText('Into the cart').click();
  await page.getByText('Out of the cart').click();
  await page.getByText('Into the cart').click();
  // A page that changes without being loaded.
  await page.getByText('More').click();
  await page.getByText('Order').click();
  await page.waitForURL(`${shop}/thanks`);
}

try {
  const followed = await visit(visitors, {});
  await buy(followed.page);
  await followed.page.waitForFunction(() => window.countinghouse && window.countinghouse.session);
  const session = await followed.page.evaluate(() => window.countinghouse.session);
  assert.match(session, /^[\w-]{16}$/);
  assert.deepEqual(await followed.context.cookies(), []);
  const kept = await followed.page.evaluate(async () => [
    document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,
  ]);
  assert.deepEqual(kept, ['', 0, 0, 0]);
  // What a page sends as it is left is not told to who watches it: the database has the count.
  assert.ok(followed.sent.length >= 1, `${followed.sent.length} requests`);
  // A page's own beacon may be JSON, for which the browser asks first.
  await followed.page.evaluate((url) => {
    navigator.sendBeacon(url, new Blob(['{"type":"THANK_YOU_VIEW"}'], { type: 'application/json' }));
  }, link.replace(/r\/BLOG10/, 'v1/track'));
  await followed.page.waitForTimeout(500);
  assert.deepEqual(followed.complaints, []);
  // A page that is left in haste sends what it has.
  await followed.page.goto(`${shop}/?haste`);
  await followed.page.goto('about:blank');
  await followed.context.close();
  console.log(`ok session ${session}`);

  // Who comes by a link from somebody's page comes from there.
  const blog = await visit(visitors, { extraHTTPHeaders: { 'sec-gpc': '1' } });
  await blog.page.route('http://blog.example/*', (route) => route.fulfill({ contentType: 'text/html', body: `<a href="${link}">Lamps</a>` }));
  await blog.page.goto('http://blog.example/best-lamps');
  await blog.page.getByText('Lamps').click();
  await blog.page.waitForURL(`${shop}/`);
  assert.equal(await blog.page.evaluate(() => document.referrer), 'http://blog.example/');
  await blog.context.close();

  const shy = () => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true });
  const private_ = await visit(visitors, { extraHTTPHeaders: { 'sec-gpc': '1' } }, shy);
  await buy(private_.page);
  await private_.page.waitForTimeout(600);
  assert.equal(private_.sent.length, 0);
  assert.deepEqual(private_.complaints, []);
  await private_.context.close();
  console.log('ok who asks not to be followed sends nothing');

  const program = await visit(programs, {});
  await buy(program.page);
  await program.page.waitForFunction(() => window.countinghouse.session === null);
  await program.context.close();
  console.log('ok a program sends, and is left out');
} finally {
  await Promise.all([visitors.close(), programs.close()]);
}
