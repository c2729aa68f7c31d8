// Opens all ten reports of a running demo by their links, and compares page, file and answer cell by cell.
//
//   node shared.mjs http://127.0.0.1:8080 KEY --screenshots FOLDER
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { open, overflow, reader, reports, run, seen } from './reader.mjs';

const { values: { screenshots }, positionals: [server, key] } = parseArgs({
  allowPositionals: true,
  options: { screenshots: { type: 'string' } },
});
mkdirSync(screenshots, { recursive: true });

// The 90 days that were over yesterday.
const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
const period = `{ range: { from: "${day(91)}", to: "${day(2)}" } }`;

async function asked(query) {
  const answer = await fetch(`${server}/graphql`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined);
  return data;
}

// The address of a new link, without the server where it was not told what it is called.
async function link(report) {
  const name = report.toUpperCase().replaceAll('-', '_');
  const { createShareLink: { url } } = await asked(`mutation { createShareLink(report: ${name}, period: ${period}) { url } }`);
  return new URL(url, server).href;
}

async function told(report) {
  const name = report.toUpperCase().replaceAll('-', '_');
  const { sharedReport } = await asked(`{ sharedReport(report: ${name}, period: ${period}) {
    headlines { heading kind value previous growth }
    sections { name title columns { heading kind } views { grain rows { cells } } }
  } }`);
  return sharedReport;
}

// Records of a file (RFC 4180).
function records(text) {
  const all = [[]];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy;
  for (let match = pattern.exec(text); match && pattern.lastIndex <= text.length; match = pattern.exec(text)) {
    all.at(-1).push(match[1]?.replaceAll('""', '"') ?? match[2]);
    if (match[3] === '\r\n') all.push([]);
    if (match[3] === '') break;
  }
  assert.equal(pattern.lastIndex === 0 || all.at(-1).join('') === '', true, 'a file ends with its last record');
  return all.filter((record) => record.some((cell) => cell !== ''));
}

// What a file says, table by table, by the heading of its columns.
function tables(text) {
  assert.ok(text.startsWith('\u{feff}Table,'), 'spreadsheets know the encoding');
  const [headings, ...rows] = records(text.slice(1));
  const all = new Map();
  for (const row of rows) {
    assert.equal(row.length, headings.length);
    const table = all.get(row[0]) ?? [];
    table.push(Object.fromEntries(headings.map((heading, at) => [heading, row[at]]).slice(1)));
    all.set(row[0], table);
  }
  return all;
}

// What a page's tables say, section by section, view by view: the exact value behind what is shown, where there is one.
const shown = (page) => page.evaluate(() => {
  const said = (cell) => {
    const exact = cell.querySelector('data, time');
    return exact ? exact.getAttribute('value') ?? exact.getAttribute('datetime') : cell.textContent.replace(/[\u2066-\u2069]/g, '').trim();
  };
  const rows = (table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map(said));
  const sections = [...document.querySelectorAll('section.section')];
  return {
    headlines: [...document.querySelectorAll('.headlines li')].map((one) => [one.querySelector('h2').textContent, said(one.querySelector('.figure'))]),
    sections: Object.fromEntries(sections.map((one) => [one.id, [...one.querySelectorAll('.figures table')].map(rows)])),
  };
});

const unit = (currency) => (column) => (column.kind === 'AMOUNT' ? `${column.heading} (${currency})` : column.heading);

await run({
  'page, file and answer say the same': async () => {
    const page = await reader(server, { javaScriptEnabled: false });
    for (const report of reports) {
      const address = await link(report);
      const answer = await told(report);
      await open(page, address);
      const onPage = await shown(page);
      const bytes = await (await fetch(`${address}/csv`)).arrayBuffer();
      const file = tables(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
      let compared = 0;
      assert.deepEqual(onPage.headlines, answer.headlines.map(({ heading, value }) => [heading, value ?? '–']), report);
      const [line] = file.get('Headlines');
      for (const { heading, kind, value, previous, growth } of answer.headlines) {
        const amount = kind === 'AMOUNT' ? ' (EUR)' : '';
        assert.equal(line[heading + amount], value ?? '', `${report}: ${heading}`);
        if (previous === null) continue;
        assert.equal(line[`${heading}, previous period${amount}`], previous, `${report}: ${heading} before`);
        assert.equal(line[`${heading}, change`], growth ?? '', `${report}: growth of ${heading}`);
        compared += 3;
      }
      assert.deepEqual(Object.keys(onPage.sections), answer.sections.map(({ name }) => name), report);
      for (const { name, title, columns, views } of answer.sections) {
        const expected = views.map(({ rows }) => rows.map(({ cells }) => cells));
        const dashed = expected.map((rows) => rows.map((cells) => cells.map((cell) => cell ?? '–')));
        // Above its table a grid stands.
        assert.deepEqual(onPage.sections[name].slice(-views.length), dashed, `${report}: ${name}`);
        const headings = columns.map(unit('EUR'));
        const inFile = (file.get(title) ?? []).map((row) => headings.map((heading) => row[heading]));
        assert.deepEqual(inFile, expected[0].map((cells) => cells.map((cell) => cell ?? '')), `${report}: ${name}`);
        compared += inFile.flat().length;
      }
      assert.ok(compared > 50, `${report}: ${compared} cells`);
    }
    await page.context().close();
  },

  // Paper has no scroll bars: every table fits A4 between its margins.
  'paper has room for every column': async () => {
    const page = await reader(server, { viewport: { width: 688, height: 1000 } });
    await page.emulateMedia({ media: 'print' });
    for (const report of reports) {
      await open(page, await link(report));
      const wider = await page.locator('.figures:visible').evaluateAll((all) => all
        .map((one) => [one.getAttribute('aria-label'), one.querySelector('table').offsetWidth - one.clientWidth])
        .filter(([, over]) => over > 0));
      assert.deepEqual(wider, [], report);
    }
    await page.context().close();
  },

  // By day and by night at every width: pages.mjs, of reports that are made up.
  'each is seen, wide by day and narrow by night': async () => {
    for (const [width, colorScheme] of [[1280, 'light'], [320, 'dark']]) {
      const page = await reader(server, { colorScheme, viewport: { width, height: 800 } });
      for (const report of reports) {
        await open(page, await link(report));
        assert.ok(await overflow(page) <= 0, `${report} is ${await overflow(page)} pixels too wide at ${width}`);
        const png = await page.screenshot({ path: join(screenshots, `${report}-${width}-${colorScheme}.png`), fullPage: true });
        const { colours, drawn } = await seen(png);
        assert.ok(colours >= 100 && drawn >= 0.03, `${report} at ${width}: ${colours} colours, ${drawn} drawn`);
      }
      await page.context().close();
    }
  },
});
