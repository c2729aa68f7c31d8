// Drives Chromium through pages that embed the tracking script, beside a server that only writes down what it is told, and that
// may have no room, or let nobody read its answers: what the script sends, how often, and in what pieces.
//
//   node script.mjs SCRIPT
//
// SCRIPT is a file with the script as it is served. CHROMIUM names another browser than /usr/bin/chromium.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const script = readFileSync(process.argv[2]);
const listening = (handler) => new Promise((done) => {
  const server = createServer(handler).listen(0, '127.0.0.1', () => done([server, `http://127.0.0.1:${server.address().port}`]));
});

// What was told: the requests' bodies. `status` is what the next are answered with; 403 as a stranger's page sees it.
let bodies = [], status = 202;
const told = () => bodies.flatMap((body) => JSON.parse(body));
const [books, gateway] = await listening((request, response) => {
  if (request.method === 'GET') return response.setHeader('content-type', 'text/javascript').end(script);
  const parts = [];
  request.on('data', (part) => parts.push(part)).on('end', () => {
    bodies.push(Buffer.concat(parts).toString());
    if (status !== 403) response.setHeader('access-control-allow-origin', shop);
    response.setHeader('access-control-allow-credentials', 'true');
    response.setHeader('content-type', 'application/json');
    response.writeHead(status).end(JSON.stringify({ accepted: 1, left_out: 0, session: 'abc' }));
  });
});
const [pages, shop] = await listening((_, response) => {
  response.setHeader('content-type', 'text/html');
  response.end(`<!doctype html><link rel=icon href=data:,><script src="${gateway}/v1/track.js" data-site=ts_x defer></script>`);
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
const opened = async (path, options) => {
  [bodies, status] = [[], 202];
  const context = await browser.newContext();
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  if (options?.before) await page.addInitScript(options.before);
  if (options?.clock) await page.clock.install();
  await page.goto(shop + path, { referer: options?.referer });
  return page;
};
const until = async (holds, what) => {
  for (let tries = 0; !holds(); tries += 1) {
    assert.ok(tries < 200, `${what()}`);
    await wait(50);
  }
};
const counts = () => {
  const types = told().map((event) => event.type);
  return [...new Set(types)].sort().map((type) => `${type} ${types.filter((other) => other === type).length}`);
};

// One click an arrival, one page view a page.
async function arrivals() {
  const page = await opened('/?tc=BLOG10', { referer: 'https://blog.example/' });
  await page.evaluate(() => {
    location.hash = 'lamps';
    history.pushState({}, '', '#chairs');
    history.pushState({}, '', '/?tc=BLOG10#tables');
  });
  await until(() => told().length >= 2, counts);
  await page.evaluate(() => history.pushState({}, '', '/lamps?tc=BLOG10'));
  await until(() => told().length >= 3, counts);
  await page.goBack();
  await wait(600);
  assert.deepEqual(counts(), ['CLICK 1', 'PAGEVIEW 3']);
  const [click] = told();
  assert.equal(click.tracking_code, 'BLOG10');
  // The same page again, and another of the shop that keeps the code in its address.
  await page.reload();
  await page.evaluate(() => { location.href = '/chairs?tc=BLOG10'; });
  await page.waitForURL('**/chairs*');
  await until(() => told().length >= 6, counts);
  await wait(500);
  assert.deepEqual(counts(), ['CLICK 1', 'PAGEVIEW 5']);
  await page.context().close();
}

// More than a browser sends from a page that is left goes in pieces, and nothing has to happen for the rest to follow.
async function pieces() {
  const page = await opened('/');
  await until(() => told().length === 1, counts);
  await page.evaluate(() => {
    for (let i = 0; i < 150; i += 1) countinghouse('ADD_TO_CART', { product_id: `${i}`, traffic_source: 'ü€'.repeat(200), page_url: `${location.href}?${'x'.repeat(500)}` });
  });
  await until(() => told().length >= 151, counts);
  await wait(500);
  assert.deepEqual(told().slice(1).map((event) => Number(event.product_id)).sort((a, b) => a - b), [...Array(150).keys()]);
  for (const body of bodies) assert.ok(Buffer.byteLength(body) < 65536, `${Buffer.byteLength(body)} bytes`);
  // One that is larger than that by itself keeps nobody waiting.
  await page.evaluate(() => {
    countinghouse('ADD_TO_CART', { product_id: 'x'.repeat(100_000) });
    countinghouse('ADD_TO_CART', { product_id: 'last' });
  });
  await until(() => told().some((event) => event.product_id === 'last') && told().length === 153, counts);
  // A hundred short ones are one request; what is over follows.
  bodies = [];
  await page.evaluate(() => { for (let i = 0; i < 130; i += 1) countinghouse('A'); });
  await until(() => told().length === 130, counts);
  assert.deepEqual(bodies.map((body) => JSON.parse(body).length)[0], 100);
  await page.context().close();
}

// Where nobody takes them, events are sent again ever more rarely, then not at all; with the next they come along.
async function patience() {
  for (const refusal of [403, 503, 429]) {
    const page = await opened('/', { clock: true });
    status = refusal;
    for (let minute = 0; minute < 60; minute += 1) {
      await page.clock.runFor(60_000);
      await wait(30);
    }
    assert.equal(bodies.length, 7, `${refusal}: ${bodies.length} requests within an hour`);
    await page.evaluate(() => countinghouse('ADD_TO_CART', { product_id: 'lamp' }));
    [bodies, status] = [[], 202];
    await page.clock.runFor(1000);
    await until(() => told().length >= 2, counts);
    assert.deepEqual(counts(), ['ADD_TO_CART 1', 'PAGEVIEW 1']);
    await page.clock.runFor(600_000);
    await wait(200);
    assert.equal(bodies.length, 1);
    await page.context().close();
  }
}

// What a page gets wrong costs nothing but itself.
async function mistakes() {
  const page = await opened('/');
  await until(() => told().length === 1, counts);
  const complaint = await page.evaluate(() => {
    countinghouse('ADD_TO_CART', { product_id: 'before' });
    try { countinghouse('ADD_TO_CART', { product_id: 10n }); } catch (error) { return error.name; }
  });
  assert.equal(complaint, 'TypeError');
  await page.evaluate(() => countinghouse('ADD_TO_CART', { product_id: 'after' }));
  await until(() => told().length >= 3, counts);
  assert.deepEqual(told().slice(1).map((event) => event.product_id), ['before', 'after']);
  // The visit is still known when the server has refused something: the order that follows is to be found by it.
  const session = () => page.evaluate(() => countinghouse.session);
  assert.equal(await session(), 'abc');
  for (status of [422, 415]) {
    bodies = [];
    await page.evaluate(() => countinghouse('LOOK'));
    await until(() => told().length === 1, counts);
    await wait(300);
    assert.equal(await session(), 'abc');
  }
  await page.context().close();
}

// A page that a browser loads ahead was not looked at yet, and nobody arrived.
async function ahead() {
  const page = await opened('/?tc=BLOG10', {
    referer: 'https://blog.example/',
    before: () => {
      let ahead = true;
      Object.defineProperty(document, 'prerendering', { get: () => ahead });
      window.activate = () => {
        ahead = false;
        document.dispatchEvent(new Event('prerenderingchange'));
      };
    },
  });
  await wait(700);
  assert.deepEqual(counts(), []);
  await page.evaluate(() => activate());
  await until(() => told().length >= 2, counts);
  assert.deepEqual(counts(), ['CLICK 1', 'PAGEVIEW 1']);
  await page.context().close();
}

try {
  for (const part of [arrivals, pieces, patience, mistakes, ahead]) {
    await part();
    console.log(`ok ${part.name}`);
  }
} finally {
  await browser.close();
  [books, pages].forEach((server) => server.close());
}
