// The playground: GraphiQL over this server's own /graphql and /graphql/ws.
import './nonce.js';
import 'graphiql/setup-workers/vite';
// The parts of graphiql/style.css without its fonts and its second copy of the editor's styles, 0.6 MB of data: URLs.
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './page.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { EXAMPLES_PLUGIN, reports } from './examples.jsx';
import { prefilledHeaders } from './prefilled.js';
import { storageWithoutHeaders } from './storage.js';

const socket = new URL('/graphql/ws', location.href);
socket.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
// Headers go along as parameters of the connection: a browser sends none of its own with a socket.
const fetcher = createGraphiQLFetcher({ url: '/graphql', subscriptionUrl: socket.href });

function Playground({ headers }) {
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={storageWithoutHeaders(headers)}
      shouldPersistHeaders={false}
      defaultHeaders={headers}
      defaultTabs={reports.map(({ query }) => ({ query, headers }))}
      defaultQuery=""
      defaultEditorToolsVisibility="headers"
      plugins={[EXAMPLES_PLUGIN, HISTORY_PLUGIN]}
    >
      <GraphiQL.Logo>
        <a className="home" href="/" title="What is where on this server">
          <img src="/playground/icon.svg" alt="" width="22" height="22" />
          <span>Countinghouse</span>
        </a>
      </GraphiQL.Logo>
      {headers ? null : (
        <GraphiQL.Footer>
          <p className="hint">
            Reports need a credential: <a href="/sign-in?next=/playground">sign in</a>, or put one into <em>Headers</em>, which
            are not stored:{' '}
            <code>{'{ "Authorization": "Bearer <token or key>" }'}</code>
          </p>
        </GraphiQL.Footer>
      )}
    </GraphiQL>
  );
}

const prefilled = await prefilledHeaders();
const headers = Object.keys(prefilled).length ? JSON.stringify(prefilled, null, 2) : '';
createRoot(document.getElementById('root')).render(<Playground headers={headers} />);
