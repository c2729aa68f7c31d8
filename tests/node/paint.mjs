// Measures when the first of each page of a shared report is painted.
//
//   node paint.mjs http://127.0.0.1:8080
import assert from 'node:assert/strict';
import { reader, reports, run } from './reader.mjs';

const [server] = process.argv.slice(2);

await run({
  'the first paint comes at once': async () => {
    // What else the machine does makes all paints later. How much, a page of one word tells: on a machine that does nothing
    // else it is painted within 20 ms.
    const page = await reader(server);
    const least = async (address) => {
      const times = [];
      for (let round = 0; round < 8; round += 1) {
        await page.goto(address);
        times.push(await page.evaluate(async () => {
          while (!performance.getEntriesByName('first-contentful-paint').length) await new Promise(requestAnimationFrame);
          return performance.getEntriesByName('first-contentful-paint')[0].startTime;
        }));
      }
      return Math.round(Math.min(...times));
    };
    const word = await least(`${server}/word`);
    const painted = [];
    for (const report of reports) painted.push(await least(`${server}/api/reports/${report}`));
    await page.context().close();
    console.log(`measured first contentful paint in ms: ${painted.join(', ')}; a page of one word: ${word}`);
    const budget = 100 * Math.max(1, word / 20);
    assert.ok(Math.max(...painted) < budget, `${painted.join()} with ${word} for a word`);
  },
});
