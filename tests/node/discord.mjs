// Requests signed by Node, some of them spoilt, and what the package `discord-interactions` says of each, as a list in JSON.
import { generateKeyPairSync, sign } from 'node:crypto';
import { verifyKey } from 'discord-interactions';

const now = process.argv[2];
const bodies = ['{"type":1}', '{"type":1,"name":"Ünïcödé 😀 \\u0000"}', `{"type":1,"x":"${'x'.repeat(10_000)}"}`, ' { "type" : 1 } '];
const hex = (text, at) => text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);

const requests = [];
for (let number = 0; number < 5; number += 1) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const own = Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url').toString('hex');
  const other = generateKeyPairSync('ed25519').privateKey;
  const signed = (body, by = privateKey) => sign(null, Buffer.from(now + body), by).toString('hex');
  for (const body of bodies) {
    requests.push({ what: 'good', publicKey: own, signature: signed(body), timestamp: now, body });
  }
  const [body] = bodies;
  const good = { publicKey: own, signature: signed(body), timestamp: now, body };
  requests.push({ ...good, what: 'another key', signature: signed(body, other) });
  requests.push({ ...good, what: 'another body', body: '{"type":1 }' });
  requests.push({ ...good, what: 'another time', timestamp: String(Number(now) - 1) });
  requests.push({ ...good, what: 'an altered signature', signature: hex(good.signature, number * 25) });
}
for (const request of requests) {
  request.verdict = await verifyKey(request.body, request.signature, request.timestamp, request.publicKey);
}
console.log(JSON.stringify(requests));
