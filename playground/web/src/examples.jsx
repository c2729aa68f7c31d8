// The examples: the tabs that a first visit opens, and a panel to get each of them back.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';

const files = import.meta.glob('../examples/*.graphql', { query: '?raw', import: 'default', eager: true });

// By file name. The comment at the start of each says what it shows; its operation's name is the tab's.
export const examples = Object.keys(files).sort().map((path) => {
  const query = files[path].trimEnd();
  const name = /^(?:query|subscription) (\w+)/m.exec(query)[1];
  const about = query.split('\n').filter((line) => line.startsWith('# ')).map((line) => line.slice(2)).join(' ');
  return { name, about, query };
});

// A tab for each report; what is no report of figures is in the panel alone: the tabs fit side by side.
const others = /^  (anomalies|dashboards|forecast|sharedReport)\b/m;
export const reports = examples.filter(({ query }) => query.includes('period:') && !others.test(query));

function Examples() {
  const { addTab, setVisiblePlugin } = useGraphiQLActions();
  const editor = useGraphiQL((state) => state.queryEditor);
  const open = (query) => {
    addTab();
    editor.setValue(query);
    // There the panel lies over the editor (page.css).
    if (matchMedia('(max-width: 860px)').matches) setVisiblePlugin(null);
  };
  return (
    <section className="examples" aria-label="Examples">
      <h2>Examples</h2>
      {examples.map(({ name, about, query }) => (
        <button key={name} type="button" onClick={() => open(query)}>
          <strong>{name}</strong>
          <span>{about}</span>
        </button>
      ))}
    </section>
  );
}

const Icon = (props) => (
  <svg viewBox="0 0 20 20" height="1.25em" fill="none" stroke="currentColor" strokeWidth="1.5" {...props}>
    <path d="M4 3h9l3 3v11H4zM7 8h6M7 11h6M7 14h4" strokeLinecap="round" strokeLinejoin="round" />
  </svg>
);

export const EXAMPLES_PLUGIN = { title: 'Examples', icon: Icon, content: Examples };
