// localStorage for GraphiQL, less what is secret: headers are never written, also not with the history, which GraphiQL
// would do. What is read back gets the headers that the page started with.
const isOurs = (name) => name.startsWith('graphiql:');
const isHistory = (name) => ['graphiql:queries', 'graphiql:favorites'].includes(name);

function withoutHeaders(text) {
  try {
    return JSON.stringify(JSON.parse(text, (name, value) => (name === 'headers' ? undefined : value)));
  } catch {
    return text; // a word or a query, not JSON
  }
}

function withHeaders(text, headers) {
  const stored = JSON.parse(text);
  for (const items of Object.values(stored)) for (const item of items) item.headers = headers;
  return JSON.stringify(stored);
}

export function storageWithoutHeaders(headers) {
  return {
    getItem(name) {
      const text = localStorage.getItem(name);
      return text && isHistory(name) ? withHeaders(text, headers) : text;
    },
    setItem(name, text) {
      if (name !== 'graphiql:headers') localStorage.setItem(name, withoutHeaders(text));
    },
    removeItem: (name) => localStorage.removeItem(name),
    get length() {
      return Object.keys(localStorage).filter(isOurs).length;
    },
    clear() {
      Object.keys(localStorage).filter(isOurs).forEach((name) => localStorage.removeItem(name));
    },
  };
}
