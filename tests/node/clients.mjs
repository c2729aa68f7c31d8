// Every example of the playground through a client with generated types:
//
//   node clients.mjs http://127.0.0.1:8080 KEY SCHEMA.graphql FOLDER-OF-EXAMPLES
//
// Generates the types, compiles them and the client with `tsc --strict`, asks the server, and holds every value that it
// answers to the schema: nullability, lists, enums, and the form of each scalar. Prints how many of which.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typedDocuments from '@graphql-codegen/typed-document-node';
import * as operations from '@graphql-codegen/typescript-operations';
import {
  buildSchema, isEnumType, isListType, isNonNullType, isObjectType, isSpecifiedScalarType, parse,
} from 'graphql';
import { WebSocket } from 'ws';

const [server, key, schemaFile, folder] = process.argv.slice(2);
const schema = buildSchema(readFileSync(schemaFile, 'utf8'));

// What a client makes of each scalar, and what its values look like.
const scalars = {
  BigInt: ['string', /^-?\d+$/],
  CurrencyCode: ['string', /^[A-Z]{3}$/],
  Date: ['string', /^\d{4}-\d\d-\d\d$/],
  DateTime: ['string', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/],
  Decimal: ['string', /^-?\d+(\.\d+)?$/],
  JSON: ['unknown'],
  Long: ['number', /^-?\d+$/],
  Moment: ['string', /^\d{4}-\d\d-\d\d/],
  TimeZone: ['string', /^\w+(\/[\w+-]+)*$/],
};
const builtIn = { Boolean: 'boolean', Float: 'number', ID: 'string', Int: 'number', String: 'string' };

const files = readdirSync(folder).filter((name) => name.endsWith('.graphql')).sort();
const documents = files.map((location) => ({ location, document: parse(readFileSync(join(folder, location), 'utf8')) }));

async function generated() {
  const made = 'clients-made';
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made);
  const code = await codegen({
    filename: 'operations.ts',
    schema: parse(readFileSync(schemaFile, 'utf8')),
    documents,
    // A scalar that is not named here is an error, not `any`.
    config: {
      scalars: Object.fromEntries(Object.entries(scalars).map(([name, [type]]) => [name, type])),
      strictScalars: true,
      useTypeImports: true,
      enumType: 'string-literal',
    },
    plugins: [{ operations: {} }, { typedDocuments: {} }],
    pluginMap: { operations, typedDocuments },
  });
  writeFileSync(join(made, 'operations.ts'), code);
  writeFileSync(join(made, 'clients.ts'), readFileSync('clients.ts'));
  const compiler = 'node_modules/typescript/bin/tsc';
  const options = [
    '--strict', '--noUncheckedIndexedAccess', '--module', 'nodenext', '--target', 'es2022',
    '--lib', 'es2022,dom', '--skipLibCheck', '--outDir', join(made, 'compiled'),
  ];
  try {
    execFileSync('node', [compiler, ...options, join(made, 'clients.ts')], { encoding: 'utf8' });
  } catch (error) {
    assert.fail(`tsc: ${error.stdout}`);
  }
  return { code, module: await import(`./${made}/compiled/clients.js`) };
}

const seen = { values: 0, nulls: 0, types: new Set() };

function holds(value, type, selections, place) {
  if (isNonNullType(type)) {
    assert.notEqual(value ?? null, null, `${place} is null`);
    return holds(value, type.ofType, selections, place);
  }
  if (value === null) return void (seen.nulls += 1);
  assert.notEqual(value, undefined, `${place} is missing`);
  if (isListType(type)) {
    assert.ok(Array.isArray(value), `${place} is no list`);
    return value.forEach((item, number) => holds(item, type.ofType, selections, `${place}[${number}]`));
  }
  seen.values += 1;
  seen.types.add(type.name);
  if (isObjectType(type)) return holdsFields(value, type, selections, place);
  if (isEnumType(type)) return assert.ok(type.getValue(value), `${place}: ${value} is no ${type.name}`);
  if (isSpecifiedScalarType(type)) return assert.equal(typeof value, builtIn[type.name], place);
  const [of, form] = scalars[type.name];
  if (of === 'unknown') return assert.ok(value);
  assert.equal(typeof value, of, place);
  assert.match(String(value), form, place);
}

function holdsFields(value, type, selections, place) {
  const names = selections.map((field) => {
    assert.equal(field.kind, 'Field', `${place}: examples are written without fragments`);
    return (field.alias ?? field.name).value;
  });
  assert.deepEqual(Object.keys(value).filter((name) => name !== '__typename').sort(), [...names].sort(), place);
  selections.forEach((field, number) => {
    const { type: fieldType } = type.getFields()[field.name.value];
    holds(value[names[number]], fieldType, field.selectionSet?.selections, `${place}.${names[number]}`);
  });
}

const { code, module } = await generated();
assert.equal(module.isSound, true);
// Comments are English, in which anything may be any.
assert.doesNotMatch(code.replace(/\/\*[^]*?\*\//g, ''), /\bany\b/);
const found = await module.answers(server, key, WebSocket);
for (const { location, document } of documents) {
  const [operation] = document.definitions;
  const root = schema.getRootType(operation.operation);
  holdsFields(found.get(`${operation.name.value}Document`), root, operation.selectionSet.selections, location);
}
assert.equal(found.size, files.length);
const custom = [...seen.types].filter((name) => name in scalars).sort();
console.log(`${found.size} examples, ${seen.values} values and ${seen.nulls} nulls as the schema has them`);
console.log(`scalars: ${custom.join(' ')}`);
