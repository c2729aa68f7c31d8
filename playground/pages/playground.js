// The plain playground: writes a query, sends it to /graphql, shows what comes back.
import { examples } from '/playground/examples.js';

const byId = (id) => document.getElementById(id);
const [query, variables, authorization] = ['query', 'variables', 'authorization'].map(byId);
const [example, run, status, result, copy, reveal] =
  ['example', 'run', 'status', 'result', 'copy', 'reveal'].map(byId);
const kept = ['query', 'variables', 'authorization'];
let answer = '';

// A link may bring the credential behind the #, which no browser sends to any server: take it and wipe it.
function takeCredential() {
  const given = new URLSearchParams(location.hash.slice(1)).get('authorization');
  if (!given) return;
  sessionStorage.setItem('authorization', given);
  history.replaceState(null, '', location.pathname + location.search);
}

function restore() {
  for (const id of kept) byId(id).value = sessionStorage.getItem(id) ?? '';
  if (!query.value) show(examples[0]);
}

function keep() {
  for (const id of kept) sessionStorage.setItem(id, byId(id).value);
}

function show(chosen) {
  query.value = chosen.query;
  variables.value = chosen.variables ? JSON.stringify(chosen.variables, null, 2) : '';
  keep();
}

function tell(text, isBad = false) {
  status.textContent = text;
  status.classList.toggle('is-bad', isBad);
}

// Colours JSON by its tokens; every piece goes in as text, never as HTML.
function paint(text) {
  const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const pieces = [];
  let at = 0;
  for (const match of text.matchAll(token)) {
    pieces.push(text.slice(at, match.index));
    const [whole, string, colon, word] = match;
    const span = document.createElement('span');
    span.className = string ? (colon ? 'json-key' : 'json-text') : word ? 'json-word' : 'json-number';
    span.textContent = string ?? whole;
    pieces.push(span, colon ?? '');
    at = match.index + whole.length;
  }
  const code = document.createElement('code');
  code.append(...pieces, text.slice(at));
  result.replaceChildren(code);
}

function parseVariables() {
  const text = variables.value.trim();
  return text ? JSON.parse(text) : {};
}

async function ask() {
  keep();
  let given;
  try {
    given = parseVariables();
  } catch (error) {
    tell(`Variables are not JSON: ${error.message}`, true);
    return;
  }
  run.disabled = true;
  tell('Asking…');
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' };
  if (authorization.value.trim()) headers.authorization = authorization.value.trim();
  const started = performance.now();
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers,
      body: JSON.stringify({ query: query.value, variables: given }),
    });
    answer = await response.text();
    const took = Math.round(performance.now() - started);
    const failed = !response.ok || hasErrors(answer);
    tell(`${response.status} ${response.statusText} · ${took} ms · ${answer.length.toLocaleString('en')} bytes`, failed);
    paint(pretty(answer));
  } catch (error) {
    tell(`No answer: ${error.message}`, true);
  } finally {
    run.disabled = false;
  }
}

// Indents without parsing numbers: a large integer or 10.00 stays as the server wrote it.
function pretty(text) {
  const token = /"(?:\\.|[^"\\])*"|[{}[\],:]|[^\s{}[\],:"]+/g;
  let depth = 0;
  let out = '';
  const line = () => `\n${'  '.repeat(depth)}`;
  for (const [piece] of text.matchAll(token)) {
    if (piece === '{' || piece === '[') {
      depth += 1;
      out += piece + line();
    } else if (piece === '}' || piece === ']') {
      depth -= 1;
      out = /[{[]\s*$/.test(out) ? out.trimEnd() + piece : out + line() + piece;
    } else if (piece === ',') {
      out += piece + line();
    } else {
      out += piece === ':' ? ': ' : piece;
    }
  }
  return out;
}

function hasErrors(text) {
  try {
    return Array.isArray(JSON.parse(text).errors);
  } catch {
    return true;
  }
}

// Tab indents within the editors; Escape, then Tab, leaves them.
function indents(editor) {
  let leaves = false;
  editor.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') leaves = true;
    if (event.key !== 'Tab' || event.shiftKey || leaves) return;
    event.preventDefault();
    editor.setRangeText('  ', editor.selectionStart, editor.selectionEnd, 'end');
  });
  editor.addEventListener('blur', () => { leaves = false; });
}

for (const [index, { title }] of examples.entries()) example.add(new Option(title, index));
example.addEventListener('change', () => show(examples[example.value]));
run.addEventListener('click', ask);
byId('ask').addEventListener('submit', (event) => event.preventDefault());
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    ask();
  }
});
reveal.addEventListener('click', () => {
  const isShown = authorization.type === 'password';
  authorization.type = isShown ? 'text' : 'password';
  reveal.textContent = isShown ? 'Hide' : 'Show';
  reveal.setAttribute('aria-pressed', String(isShown));
});
copy.addEventListener('click', async () => {
  await navigator.clipboard.writeText(pretty(answer));
  tell('Copied');
});
[query, variables].forEach(indents);
window.addEventListener('pagehide', keep);
takeCredential();
restore();
