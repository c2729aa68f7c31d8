// Asks for the same answers in every coding that there is: `node compressed.mjs http://HOST:PORT KEY`.
import assert from 'node:assert/strict';

const [server, key] = process.argv.slice(2);
const query = '{ revenue(period: { range: { from: "2025-09-01", to: "2026-02-28" } }) { series(grain: DAY) { date orders revenue { amount } } } }';

// What fetch gives is unpacked; the header says how it came.
async function ask(path, coding, { body, ...headers } = {}) {
  const response = await fetch(server + path, {
    method: body ? 'POST' : 'GET',
    body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${key}`, 'accept-encoding': coding, ...(body && { 'content-type': 'application/json' }), ...headers },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function everyCoding(name, path, vary, options) {
  const plain = await ask(path, 'identity', options);
  assert.deepEqual([plain.status, plain.headers.get('content-encoding')], [200, null], plain.text);
  assert.ok(plain.text.length > 2000, plain.text);
  for (const coding of ['br', 'gzip']) {
    const packed = await ask(path, coding, options);
    assert.deepEqual([packed.status, packed.headers.get('content-encoding')], [200, coding]);
    assert.equal(packed.text, plain.text);
    for (const { headers } of [plain, packed]) assert.equal(headers.get('vary'), vary);
    assert.equal(packed.headers.get('etag'), plain.headers.get('etag'));
  }
  console.log(name);
  return plain;
}

const byGet = `/graphql?query=${encodeURIComponent(query)}`;
await everyCoding('POST /graphql: br gzip', '/graphql', 'Accept, Accept-Encoding', { body: { query } });
async function tagged(name, path, vary) {
  const { headers } = await everyCoding(name, path, vary);
  for (const coding of ['identity', 'br', 'gzip']) {
    const again = await ask(path, coding, { 'if-none-match': headers.get('etag') });
    assert.deepEqual([again.status, again.text, again.headers.get('content-encoding')], [304, '', null]);
    assert.deepEqual([again.headers.get('etag'), again.headers.get('vary')], [headers.get('etag'), headers.get('vary')]);
  }
}

await tagged('GET /graphql: br gzip, and 304 with the same tag', byGet, 'Accept, Authorization, Accept-Encoding');
const window = 'startDate=1990-01-01T00:00:00Z&endDate=2026-02-28T23:59:59Z';
await tagged('GET /api/analytics: br gzip, and 304 with the same tag', `/api/analytics/revenue/trend?${window}`, 'Authorization, Accept-Encoding');
await everyCoding('GET /openapi.json: br gzip', '/openapi.json', 'Accept-Encoding');

const events = await ask('/graphql', 'br, gzip', { body: { query }, accept: 'text/event-stream' });
assert.match(events.text, /^event: next\ndata: \{"data":\{"revenue"[^]*event: complete/);
const short = await ask('/graphql', 'br, gzip', { body: { query: '{ __typename }' } });
for (const { headers } of [events, short]) assert.equal(headers.get('content-encoding'), null);
console.log('events and short answers: as they are');
