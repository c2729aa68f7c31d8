// A browser whose pages' every complaint, dialog and request elsewhere is noted, and what looks at what is seen there.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

export const reports = [
  'revenue-overview', 'sales-velocity', 'product-performance', 'customer-insights', 'coupon-impact', 'time-of-day-heatmap',
  'inventory-turnover', 'refund-cancel-rate', 'channel-performance', 'geographic-distribution',
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  headless: true,
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ],
});

// What must never happen, whatever page is open.
const strangers = [];
const complaints = [];

export async function reader(server, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
  context.setDefaultTimeout(20_000);
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
      console.error(`policy: ${effectiveDirective} ${blockedURI} (${sourceFile}:${lineNumber})`));
  });
  context.on('request', (request) => new URL(request.url()).host === new URL(server).host || strangers.push(request.url()));
  const page = await context.newPage();
  page.isWithoutScripts = options.javaScriptEnabled === false;
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on('dialog', async (dialog) => {
    complaints.push(`${page.url()}: a dialog says ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('console', (message) => {
    // The page of a dead link is refused on purpose.
    const isRefusal = message.text().includes('403') && page.url().endsWith('no-such-token');
    if (message.type() === 'error' && !isRefusal) complaints.push(`${page.url()}: ${message.text()}`);
  });
  return page;
}

// Opens an address, and waits until all is drawn.
export async function open(page, address) {
  const answer = await page.goto(address);
  const isDrawn = () => [...document.querySelectorAll('.panel')].every((panel) => panel.querySelector('canvas'));
  if (!page.isWithoutScripts) await page.waitForFunction(isDrawn);
  return answer;
}
const looker = await (await browser.newContext()).newPage();

// How many pixels a page is too wide.
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

// How many colours a picture has, and what part of it has any but its commonest: that a chart is there, and not only its room.
export const seen = async (png) => looker.evaluate(async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
  const counts = new Map();
  // Every third pixel: no multiple of what lies regularly.
  for (let at = 0; at < pixels.length; at += 3) counts.set(pixels[at], (counts.get(pixels[at]) ?? 0) + 1);
  return { colours: counts.size, drawn: 1 - (3 * Math.max(...counts.values())) / pixels.length };
}, png.toString('base64'));

// Runs steps, each with its name, until one fails; and ends the browser.
export async function run(steps) {
  const last = {
    'nothing came from elsewhere, no policy was broken, nothing complained': async () => {
      assert.deepEqual(strangers, []);
      assert.deepEqual(complaints, []);
    },
  };
  for (const [name, step] of Object.entries({ ...steps, ...last })) {
    const started = Date.now();
    try {
      await step();
      console.log(`ok      ${name} (${Date.now() - started} ms)`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`FAILED  ${name}\n${error.stack}\nwith ${JSON.stringify({ strangers, complaints })}`);
      break;
    }
  }
  await browser.close();
}
