// Drives Chromium through pages of shared reports, as their readers would, and fails at the first thing that is not so.
//
//   node pages.mjs http://127.0.0.1:8080 --screenshots FOLDER
//
// CHROMIUM names another browser than /usr/bin/chromium.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as seeing from './reader.mjs';
import { overflow, reports, run, seen } from './reader.mjs';

const { values: { screenshots }, positionals: [server] } = parseArgs({
  allowPositionals: true,
  options: { screenshots: { type: 'string' } },
});
mkdirSync(screenshots, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const others = ['hostile', 'empty', 'no-such-token'];
const widths = [1280, 768, 320];

const reader = (options) => seeing.reader(server, options);
const open = (page, report) => seeing.open(page, `${server}/api/reports/${report}`);

await run({
  'every report is seen at every width, by day and by night': async () => {
    for (const colorScheme of ['light', 'dark']) {
      const page = await reader({ colorScheme });
      for (const report of [...reports, ...others]) {
        for (const width of widths) {
          await page.setViewportSize({ width, height: 800 });
          const answer = await open(page, report);
          if (width === 1280) writeFileSync(join(screenshots, `${report}.html`), await answer.text());
          assert.ok(await overflow(page) <= 0, `${report} is ${await overflow(page)} pixels too wide at ${width}`);
          const png = await page.screenshot({ path: join(screenshots, `${report}-${width}-${colorScheme}.png`), fullPage: true });
          const { colours, drawn } = await seen(png);
          const least = report === 'no-such-token' ? [20, 0.01] : [100, 0.03];
          assert.ok(colours >= least[0] && drawn >= least[1], `${report} at ${width}: ${colours} colours, ${drawn} drawn`);
          const charts = await page.locator('.panel canvas').evaluateAll((canvases) => canvases.map((canvas) => {
            const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
            return { colours: new Set(pixels).size, drawn: pixels.filter((pixel) => pixel).length / pixels.length };
          }));
          for (const chart of charts) assert.ok(chart.colours >= 15 && chart.drawn >= 0.01, `a chart of ${report} at ${width}: ${JSON.stringify(chart)}`);
        }
      }
      await page.context().close();
    }
  },

  'every chart shows the table that is below it': async () => {
    const page = await reader();
    for (const report of reports) {
      await open(page, report);
      const drawn = await page.locator('.panel canvas').count();
      const asked = await page.locator('.panel').count();
      assert.equal(drawn, asked, report);
      assert.ok(asked > 0 || report === 'time-of-day-heatmap', report);
      for (const panel of await page.locator('.panel').all()) {
        const table = await panel.evaluate((element) => {
          const view = element.closest('.section').querySelector('.view table');
          const columns = element.dataset.columns.split(' ').map(Number);
          const cells = [...view.tBodies[0].rows[1].cells].map((cell) => cell.textContent.trim());
          return { name: cells[0], values: columns.map((at) => cells[at]) };
        });
        const canvas = panel.locator('canvas');
        await canvas.focus();
        await page.keyboard.press('Home');
        await page.keyboard.press(await panel.locator('xpath=..').getAttribute('data-chart') === 'lines' ? 'ArrowRight' : 'ArrowDown');
        const told = panel.locator('.tooltip');
        assert.equal((await told.locator('p').first().textContent()).trim(), table.name, report);
        assert.deepEqual(await told.locator('strong').allTextContents(), table.values, report);
        await page.keyboard.press('Escape');
        assert.equal(await told.isVisible(), false);
      }
    }
    await page.context().close();
  },

  'a pointer is told what it points at': async () => {
    const page = await reader();
    await open(page, 'revenue-overview');
    const panel = page.locator('.panel').first();
    await panel.scrollIntoViewIfNeeded();
    const box = await panel.locator('canvas').boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const told = panel.locator('.tooltip');
    await told.waitFor();
    assert.match(await told.innerText(), /^\w{3}, \d+ Apr 2026\s+Revenue\s+€[\d,.]+\s+Net revenue\s+€[\d,.]+$/);
    await page.mouse.move(box.x + box.width - 2, box.y + box.height / 2);
    const inside = await told.boundingBox();
    assert.ok(inside.x >= box.x && inside.x + inside.width <= box.x + box.width + 1, 'it stays within its chart');
    await page.screenshot({ path: join(screenshots, 'pointed-at.png') });
    await page.context().close();
  },

  'a series is taken out and put back': async () => {
    const page = await reader();
    await open(page, 'channel-performance');
    const panel = page.locator('.panel').first();
    const picture = async () => (await panel.locator('canvas').screenshot()).toString('base64');
    const button = panel.getByRole('button', { name: 'Web shop' });
    const before = await picture();
    await button.click();
    await page.waitForTimeout(400);
    assert.equal(await button.getAttribute('aria-pressed'), 'false');
    const without = await picture();
    assert.notEqual(without, before);
    await panel.locator('canvas').focus();
    await page.keyboard.press('End');
    assert.equal(await panel.locator('.tooltip strong').count(), 4, 'the one that is out is not told of');
    // Through another view it stays out.
    await page.getByRole('radio', { name: 'Weeks' }).check();
    await panel.locator('canvas').focus();
    await page.keyboard.press('End');
    assert.equal(await panel.locator('.tooltip strong').count(), 4);
    await page.getByRole('radio', { name: 'Days' }).check();
    await button.focus();
    await page.keyboard.press('Space');
    await page.waitForTimeout(400);
    assert.equal(await button.getAttribute('aria-pressed'), 'true');
    await page.mouse.move(0, 0);
    await page.evaluate(() => document.activeElement.blur());
    assert.equal(await picture(), before);
    await page.context().close();
  },

  'another grain changes table and chart, with scripts and without': async () => {
    for (const javaScriptEnabled of [true, false]) {
      const page = await reader({ javaScriptEnabled });
      await open(page, 'revenue-overview');
      const shown = () => page.locator('#over-time .view:visible thead th').first().innerText();
      const rows = () => page.locator('#over-time .view:visible tbody tr').count();
      assert.deepEqual([await shown(), await rows()], ['Day', 31]);
      if (javaScriptEnabled) {
        const canvas = page.locator('#over-time canvas').first();
        const days = (await canvas.screenshot()).toString('base64');
        await page.getByRole('radio', { name: 'Days' }).focus();
        await page.keyboard.press('ArrowRight');
        await page.waitForTimeout(400);
        assert.notEqual((await canvas.screenshot()).toString('base64'), days);
      } else {
        await page.getByRole('radio', { name: 'Weeks' }).check();
      }
      assert.deepEqual([await shown(), await rows()], ['Week', 5]);
      const first = await page.locator('#over-time .view:visible tbody th').first().innerText();
      assert.equal(first, '23 Mar to 29 Mar 2026 from 25 Mar, 10:41');
      await page.context().close();
    }
  },

  'a grid is shaded by one figure or another, without scripts too': async () => {
    for (const javaScriptEnabled of [true, false]) {
      const page = await reader({ javaScriptEnabled });
      await open(page, 'time-of-day-heatmap');
      const grid = page.locator('#by-hour-of-week .heat:visible');
      assert.equal(await grid.locator('tbody td').count(), 7 * 24);
      const shades = () => grid.locator('tbody td').evaluateAll((cells) => new Set(cells.map((cell) => getComputedStyle(cell).backgroundColor)).size);
      assert.ok(await shades() >= 8);
      await page.setViewportSize({ width: 320, height: 800 });
      assert.equal(await grid.locator('tbody tr').count(), 24, 'turned, it fits a narrow screen');
      const room = await page.locator('#by-hour-of-week .grid:visible').evaluate((box) => box.scrollWidth - box.clientWidth);
      assert.ok(room <= 0, `${room} pixels are out of sight`);
      await page.setViewportSize({ width: 1280, height: 800 });
      const before = await grid.innerText();
      await page.getByRole('radio', { name: 'Revenue' }).check();
      assert.notEqual(await grid.innerText(), before);
      assert.equal(await page.locator('#by-hour-of-week .figures:not(.grid) tbody tr').count(), 7 * 24, 'and all figures are in a table');
      await page.context().close();
    }
  },

  'all is there without scripts': async () => {
    for (const report of [...reports, 'hostile']) {
      const texts = [];
      for (const javaScriptEnabled of [true, false]) {
        const page = await reader({ javaScriptEnabled });
        await open(page, report);
        const words = (selector) => page.locator(selector).allTextContents();
        texts.push([await words('header'), await words('.headlines'), await words('table'), await words('footer')]);
        if (!javaScriptEnabled) {
          assert.equal(await page.locator('.chart:visible').count(), 0, 'no room is kept for what is not drawn');
          await page.screenshot({ path: join(screenshots, `${report}-without-scripts.png`), fullPage: true });
        }
        await page.context().close();
      }
      assert.deepEqual(texts[1], texts[0], report);
    }
  },

  'hostile names are seen as they are, and nothing else comes of them': async () => {
    const page = await reader();
    await open(page, 'hostile');
    const names = (await page.locator('#by-channel tbody th').allTextContents()).join('\n');
    for (const name of ['</script><script>alert(1)</script>', '<img src=x onerror=alert(1)>', '=HYPERLINK("http://evil.example","x")', '&lt;script&gt;']) {
      assert.ok(names.includes(name), name);
    }
    assert.equal(await page.locator('script').count(), 1);
    assert.equal(await page.locator('main img, main svg, base, iframe, object, [onerror], [onload], [onmouseover], [style]:not(.tooltip):not(canvas)').count(), 0);
    // In tooltips and legends, too.
    for (const canvas of await page.locator('.panel canvas').all()) {
      await canvas.focus();
      for (let at = 0; at < 20; at += 1) await page.keyboard.press('ArrowDown');
    }
    for (const button of await page.locator('.legend button').all()) await button.click();
    const box = await page.locator('.panel').first().boundingBox();
    assert.ok(box.height > 100 && box.width > 200, 'charts have their room');
    await page.context().close();
  },

  'numbers are those of the reader': async () => {
    for (const [locale, revenue, share] of [
      ['en-GB', '€187,423.50', '4.5%'], ['de-DE', '187.423,50\u00a0€', '4,5\u00a0%'], ['fr-FR', '187\u202f423,50\u00a0€', '4,5\u00a0%'],
      ['en-IN', '€1,87,423.50', '4.5%'], ['de-CH', '€\u00a0187’423.50', '4.5%'], ['ar-EG', '187,423.50\u00a0€', '4.5%'],
    ]) {
      const page = await reader({ locale });
      await open(page, 'revenue-overview');
      const figures = await page.locator('.figure').allTextContents();
      assert.deepEqual([figures[0], figures[5]], [revenue, share], locale);
      assert.equal(await page.locator('.figure data').first().getAttribute('value'), '187423.50');
      await page.context().close();
    }
  },

  'no figure is broken within its digits, on screens and on paper': async () => {
    const page = await reader();
    for (const [media, width] of [['screen', 1280], ['screen', 768], ['screen', 320], ['print', 688]]) {
      await page.emulateMedia({ media });
      await page.setViewportSize({ width, height: 800 });
      await open(page, 'large');
      const figures = await page.locator('.headlines data').evaluateAll((all) => all.map((one) => ({
        text: one.textContent,
        lines: one.getClientRects().length,
        over: one.getBoundingClientRect().right - one.closest('li').getBoundingClientRect().right,
        size: parseFloat(getComputedStyle(one).fontSize),
      })));
      assert.equal(figures.length, 8);
      for (const { text, lines, over, size } of figures) {
        assert.ok(lines === 1 && over < 0 && size >= 6.5, `${text} at ${width} on ${media}: ${lines} lines, ${over} too wide, ${size} pixels high`);
      }
      await page.screenshot({ path: join(screenshots, `large-${width}-${media}.png`), fullPage: true });
    }
    // A section's heading and note stand on the page that its chart begins on.
    const kept = await page.locator('.section > .note').evaluateAll((notes) => notes.map((note) => getComputedStyle(note)).map(({ breakInside, breakAfter }) => `${breakInside} ${breakAfter}`));
    assert.ok(kept.length > 0 && kept.every((one) => one === 'avoid avoid'), kept.join());
    await page.context().close();
  },

  'the page of a dead link says what to do': async () => {
    const page = await reader();
    const answer = await open(page, 'no-such-token');
    assert.equal(answer.status(), 403);
    assert.match(await page.locator('main').innerText(), /does not work[^]*ask whoever sent it/);
    await page.context().close();
  },

  'everyone can use it: axe finds nothing': async () => {
    const told = ({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`;
    for (const [colorScheme, width] of [['light', 1280], ['dark', 320]]) {
      const page = await reader({ colorScheme, viewport: { width, height: 800 } });
      for (const report of [...reports, ...others]) {
        await open(page, report);
        await page.evaluate(axe);
        const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document));
        assert.ok(passes.length >= 10, 'it looked');
        const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map(told)}`);
        assert.deepEqual(found, [], `${report} at ${width}, ${colorScheme}`);
      }
      await page.context().close();
    }
  },

  'it is printed on white, with all its rows and charts': async () => {
    const page = await reader({ colorScheme: 'dark' });
    for (const report of [...reports, 'hostile']) {
      await open(page, report);
      for (const format of ['A4', 'Letter']) {
        const pdf = await page.pdf({ format, printBackground: false, path: join(screenshots, `${report}-${format}.pdf`) });
        assert.ok(pdf.length > 20_000, `${report}: ${pdf.length} bytes`);
        // The secret that the page's address is stands nowhere on it.
        assert.equal(pdf.includes(`/api/reports/${report}`), false, report);
      }
    }
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const colour = await page.evaluate(() => getComputedStyle(document.body).color);
    assert.equal(colour, 'rgb(26, 36, 33)');
    await page.context().close();
  },
});
