// A client as an application has one: urql over HTTP, graphql-ws for subscriptions, and types generated from the schema.
import { Client, fetchExchange, subscriptionExchange, type OperationResult } from '@urql/core';
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
import { createClient } from 'graphql-ws';
import * as documents from './operations.js';

type Documents = typeof documents;
type Result<Document> = Document extends DocumentTypeDecoration<infer Data, never> ? Data : never;
type Results = { [Name in keyof Documents as Name extends `${string}Document` ? Name : never]: Result<Documents[Name]> };

// Nothing in what is answered may be of type `any`, however deep.
type IsAny<T> = 0 extends 1 & T ? true : false;
type HasAny<T> =
  IsAny<T> extends true ? true
  : T extends readonly (infer Item)[] ? HasAny<Item>
  : T extends object ? { [Name in keyof T]-?: HasAny<T[Name]> }[keyof T]
  : false;
type IsSound = true extends HasAny<Results> ? false : true;
export const isSound: IsSound = true;
// The check itself can fail.
export const isFound: HasAny<{ deep: { list: ({ hidden: any } | null)[] }[] }> = true;

export async function answers(server: string, key: string, webSocketImpl: unknown): Promise<Map<string, unknown>> {
  const authorization = `Bearer ${key}`;
  const socket = createClient({
    url: `${server.replace(/^http/, 'ws')}/graphql/ws`,
    webSocketImpl,
    connectionParams: { Authorization: authorization },
  });
  const client = new Client({
    url: `${server}/graphql`,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization } },
    exchanges: [
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? '' }, sink) }),
        }),
      }),
      fetchExchange,
    ],
  });
  const found = new Map<string, unknown>();
  for (const [name, document] of Object.entries(documents)) {
    const [definition] = document.definitions;
    if (definition?.kind !== 'OperationDefinition') throw new Error(`${name} is no operation`);
    const answers = definition.operation === 'subscription'
      ? client.subscription(document as Documents[keyof Documents], {})
      : client.query(document as Documents[keyof Documents], {});
    // Of a subscription the first.
    const { data, error } = await new Promise<OperationResult>((resolve) => {
      const { unsubscribe } = answers.subscribe((answer) => {
        resolve(answer);
        queueMicrotask(() => unsubscribe());
      });
    });
    if (error) throw error;
    found.set(name, data);
  }
  await socket.dispose();
  return found;
}
