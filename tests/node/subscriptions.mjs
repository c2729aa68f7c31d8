// The protocols graphql-transport-ws and graphql-sse on a running demo, by their own clients, and by a bare socket where
// no client would misbehave so: `node subscriptions.mjs HOST:PORT KEY`.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import { createClient as createEvents } from 'graphql-sse';
import WebSocket from 'ws';

const [host, key] = process.argv.slice(2);
const url = `ws://${host}/graphql/ws`;
const credential = { Authorization: `Bearer ${key}` };
const patience = 10_000;
const viewer = '{ viewer { organization { id } } }';
const live = 'subscription Live { live { revenue(period: { preset: THIS_YEAR }) { totals { orders } } } }';

const within = (promise, what) => Promise.race([
  promise,
  new Promise((_, reject) => setTimeout(() => reject(new Error(`too long: ${what}`)), patience).unref()),
]);

// A bare socket: what it hears, in order.
class Bare {
  constructor({ protocol = 'graphql-transport-ws', headers = {} } = {}) {
    this.heard = [];
    this.waiting = [];
    this.socket = protocol ? new WebSocket(url, protocol, { headers }) : new WebSocket(url, { headers });
    this.open = within(new Promise((resolve, reject) => {
      this.socket.on('open', resolve);
      this.socket.on('error', reject);
    }), 'open');
    this.open.catch(() => {});
    this.socket.on('message', (data) => this.hear(JSON.parse(data)));
    this.socket.on('close', (code, reason) => this.hear({ code, reason: reason.toString() }));
  }
  hear(what) {
    const next = this.waiting.shift();
    if (next) next(what); else this.heard.push(what);
  }
  next() {
    if (this.heard.length) return this.heard.shift();
    return within(new Promise((resolve) => this.waiting.push(resolve)), 'a message');
  }
  async say(message) {
    await this.open;
    this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }
  async init() {
    await this.say({ type: 'connection_init', payload: credential });
    assert.deepEqual(await this.next(), { type: 'connection_ack' });
    return this;
  }
  async isClosedWith(code, reason) {
    const { code: seen, reason: words } = await this.next();
    assert.equal(seen, code, words);
    if (reason) assert.match(words, reason);
  }
}

const ready = () => new Bare().init();
const client = (options = {}) => createClient({
  url, webSocketImpl: WebSocket, connectionParams: credential, retryAttempts: 0, ...options,
});

const steps = {
  'a client subscribes, hears at once, and leaves': async () => {
    const it = client().iterate({ query: live });
    const { value } = await within(it.next(), 'an answer');
    assert.equal(typeof value.data.live.revenue.totals.orders, 'number');
    assert.equal((await it.return()).done, true);
  },
  'a client asks a query over its socket': async () => {
    const it = client().iterate({ query: viewer });
    assert.deepEqual((await within(it.next(), 'an answer')).value, { data: { viewer: { organization: { id: 'demo' } } } });
    assert.equal((await within(it.next(), 'the end')).done, true);
  },
  'a client gets variables and operation names across': async () => {
    const query = 'query A { metrics { key } } subscription B($p: PeriodPreset!) { live { orders(period: { preset: $p }) { totals { orders } } } }';
    const it = client().iterate({ query: query.replace('{ key }', '{ __typename }'), operationName: 'B', variables: { p: 'TODAY' } });
    const { value } = await within(it.next(), 'an answer');
    assert.deepEqual(Object.keys(value.data.live), ['orders']);
    await it.return();
  },
  'a wrong query is an error and ends that operation alone': async () => {
    const socket = client();
    const wrong = socket.iterate({ query: 'subscription { live { nonsense } }' });
    await assert.rejects(within(wrong.next(), 'an error'), (errors) => errors[0].extensions.code === 'INVALID_QUERY');
    const right = socket.iterate({ query: live });
    assert.ok((await within(right.next(), 'an answer')).value.data);
    await right.return();
  },
  'a field that fails is an error beside the rest': async () => {
    const query = 'subscription { live { revenue(period: { preset: TODAY }) { totals { orders } } bad: revenue(period: { range: { from: "x", to: "y" } }) { totals { orders } } } }';
    const it = client().iterate({ query });
    const { value } = await within(it.next(), 'an answer');
    assert.equal(value.data.live.bad, null);
    assert.equal(value.errors[0].extensions.code, 'INVALID_ARGUMENT');
    await it.return();
  },
  'a subscription to two fields, or to none, is refused': async () => {
    const socket = await ready();
    for (const query of ['subscription { a: live { __typename } b: live { __typename } }', 'subscription { __typename }',
      'subscription { ...F } fragment F on Subscription { live { __typename } __typename }']) {
      await socket.say({ id: '1', type: 'subscribe', payload: { query } });
      const { type, payload } = await socket.next();
      assert.deepEqual([type, payload[0].extensions.code], ['error', 'INVALID_QUERY'], query);
    }
    socket.socket.close();
  },
  'the events client subscribes and hears at once': async () => {
    const it = createEvents({ url: `http://${host}/graphql`, headers: credential, retryAttempts: 0 }).iterate({ query: live });
    const { value } = await within(it.next(), 'an event');
    assert.equal(typeof value.data.live.revenue.totals.orders, 'number');
    await it.return();
  },
  'the events client asks a query, which completes': async () => {
    const it = createEvents({ url: `http://${host}/graphql`, headers: credential, retryAttempts: 0 }).iterate({ query: viewer });
    assert.deepEqual((await within(it.next(), 'an event')).value.data, { viewer: { organization: { id: 'demo' } } });
    assert.equal((await within(it.next(), 'the end')).done, true);
  },
  'events are refused like any request: 400 for a wrong query, 401 without a credential': async () => {
    const ask = (query, headers) => fetch(`http://${host}/graphql`, {
      method: 'POST', body: JSON.stringify({ query }),
      headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...headers },
    });
    assert.equal((await ask('subscription { live { nonsense } }', credential)).status, 400);
    assert.equal((await ask('{', credential)).status, 400);
    assert.equal((await ask(live, {})).status, 401);
    assert.equal((await ask(live, { Authorization: 'Bearer dk_nonsense' })).status, 401);
  },
  'a subscription over plain HTTP is told where to go: 406': async () => {
    const reply = await fetch(`http://${host}/graphql`, {
      method: 'POST', body: JSON.stringify({ query: live }), headers: { 'content-type': 'application/json', ...credential },
    });
    assert.equal(reply.status, 406);
    assert.equal((await reply.json()).errors[0].extensions.code, 'NOT_ACCEPTABLE');
  },
  'ping is answered with pong': async () => {
    const socket = new Bare();
    await socket.say({ type: 'ping', payload: { any: 'thing' } });
    assert.deepEqual(await socket.next(), { type: 'pong' });
    await socket.init();
    await socket.say({ type: 'pong' });
    await socket.say({ type: 'complete', id: 'never begun' });
    await socket.say({ type: 'ping' });
    assert.deepEqual(await socket.next(), { type: 'pong' });
    socket.socket.close();
  },
  '4400: what is no message': async () => {
    const wrong = [
      'not json', '[]', '"text"', 'null', '{}', '{"type":1}', '{"type":"nonsense"}', Buffer.from('{"type":"ping"}'),
      { type: 'connection_init', payload: 'text' }, { type: 'connection_init', payload: { authorization: 5 } },
      { type: 'subscribe', payload: { query: viewer } }, { type: 'subscribe', id: '', payload: { query: viewer } },
      { type: 'subscribe', id: 1, payload: { query: viewer } }, { type: 'subscribe', id: '1' },
      { type: 'subscribe', id: '1', payload: {} }, { type: 'subscribe', id: '1', payload: { query: 5 } },
      { type: 'subscribe', id: '1', payload: { query: viewer, variables: 'text' } },
      { type: 'subscribe', id: '1', payload: { query: viewer, operationName: {} } }, { type: 'complete' },
      { type: 'ping', payload: 3 }, '['.repeat(1000), `{"type":"ping","payload":${'{"a":'.repeat(300)}1${'}'.repeat(300)}}`,
    ];
    for (const message of wrong) {
      const socket = new Bare();
      await socket.say(message);
      await socket.isClosedWith(4400, /./);
    }
  },
  '4401: asked before it was initialised': async () => {
    const socket = new Bare();
    await socket.say({ id: '1', type: 'subscribe', payload: { query: viewer } });
    await socket.isClosedWith(4401, /^Unauthorized$/);
  },
  '4403: a bad credential, or none': async () => {
    for (const payload of [{}, null, { Authorization: 'Bearer dk_nonsense' }, { 'X-API-Key': 'x' },
      { ...credential, 'X-API-Key': key }, { authorization: `Basic ${key}` }]) {
      const socket = new Bare();
      await socket.say({ type: 'connection_init', payload });
      await socket.isClosedWith(4403, /^Forbidden: /);
    }
  },
  'the credential may come as a header, or in any case': async () => {
    const byHeader = new Bare({ headers: credential });
    await byHeader.say({ type: 'connection_init' });
    assert.deepEqual(await byHeader.next(), { type: 'connection_ack' });
    for (const payload of [{ authorization: `bearer ${key}` }, { 'x-api-key': key }, { AUTHORIZATION: `Bearer ${key}` }]) {
      const socket = new Bare({ headers: { Authorization: 'Bearer dk_wrong' } });
      await socket.say({ type: 'connection_init', payload });
      assert.deepEqual(await socket.next(), { type: 'connection_ack' });
      socket.socket.close();
    }
    byHeader.socket.close();
  },
  '4406: another subprotocol, or none': async () => {
    const none = new Bare({ protocol: null });
    await none.isClosedWith(4406, /^Subprotocol not acceptable$/);
    // This client refuses by itself a server that picks none of its protocols.
    const old = new Bare({ protocol: 'graphql-ws' });
    await assert.rejects(old.open, /subprotocol/);
  },
  '4408: not initialised in time': async () => {
    const since = Date.now();
    await new Bare().isClosedWith(4408, /^Connection initialisation timeout$/);
    assert.ok(Date.now() - since > 4500 && Date.now() - since < 8000);
  },
  '4409: an id that is taken; it is free again afterwards': async () => {
    const socket = await ready();
    const subscribe = { id: 'a "quoted" id', type: 'subscribe', payload: { query: live } };
    await socket.say(subscribe);
    assert.equal((await socket.next()).id, 'a "quoted" id');
    await socket.say({ id: 'a "quoted" id', type: 'complete' });
    await socket.say(subscribe);
    assert.equal((await socket.next()).type, 'next');
    await socket.say(subscribe);
    await socket.isClosedWith(4409, /^Subscriber for a "quoted" id already exists$/);
    const long = await ready();
    const twice = { ...subscribe, id: 'é'.repeat(200) };
    await long.say(twice);
    await long.say(twice);
    let end;
    do end = await long.next(); while (end.type);
    assert.equal(end.code, 4409);
  },
  '4429: initialised twice': async () => {
    const socket = await ready();
    await socket.say({ type: 'connection_init', payload: credential });
    await socket.isClosedWith(4429, /^Too many initialisation requests$/);
  },
  '1009: a message of more than 64 KiB; one of just that is read': async () => {
    const ping = (length) => { const empty = '{"type":"ping","payload":{"x":""}}'; return empty.replace('""', `"${'x'.repeat(length - empty.length)}"`); };
    const socket = new Bare();
    await socket.say(ping(65_536));
    assert.deepEqual(await socket.next(), { type: 'pong' });
    for (const length of [65_537, 131_072, 200_000, 5_000_000]) {
      const large = new Bare();
      await large.say(ping(length));
      await large.isClosedWith(1009);
    }
    socket.socket.close();
  },
  '1008: a flood of messages': async () => {
    const socket = await ready();
    for (let i = 0; i < 300; i++) await socket.say({ type: 'ping' }).catch(() => {});
    let end;
    do end = await socket.next(); while (end.type);
    assert.equal(end.code, 1008);
  },
  '403: a page of another origin; the own may': async () => {
    for (const origin of ['https://evil.example', 'null', `http://${host}.evil.example`]) {
      const socket = new Bare({ headers: { origin } });
      await assert.rejects(socket.open, /403/, origin);
    }
    const own = new Bare({ headers: { origin: `http://${host}` } });
    await own.init();
    own.socket.close();
  },
  'what is no socket is told so': async () => {
    const reply = await fetch(`http://${host}/graphql/ws`);
    assert.ok(reply.status === 400 || reply.status === 426, String(reply.status));
    assert.equal((await reply.json()).errors[0].extensions.code, 'INVALID_REQUEST');
  },
  'a client that leaves while it is answered disturbs nobody': async () => {
    for (let i = 0; i < 20; i++) {
      const socket = await ready();
      for (let id = 0; id < 20; id++) await socket.say({ id: `${id}`, type: 'subscribe', payload: { query: live } });
      socket.socket.terminate();
    }
    const it = client().iterate({ query: live });
    assert.ok((await within(it.next(), 'an answer')).value.data);
    await it.return();
  },
};

for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`not ok ${name}`);
    console.error(error);
    process.exitCode = 1;
  }
}
process.exit();
