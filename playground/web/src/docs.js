// The REST APIs' reference: Swagger UI over this server's own /openapi.json.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';
import './docs.css';
import { prefilledHeaders } from './prefilled.js';
import { recent } from './recent.js';

// Its dark colours hang on a class; ours follow what the visitor's machine says.
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

const { Authorization } = await prefilledHeaders();

const ui = SwaggerUI({
  url: '/openapi.json',
  domNode: document.getElementById('root'),
  // Nothing is asked of another host, and no credential is kept.
  validatorUrl: null,
  persistAuthorization: false,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  supportedSubmitMethods: ['get', 'post'],
  responseInterceptor(response) {
    const isDescription = new URL(response.url).pathname === '/openapi.json';
    if (isDescription && response.ok) response.text = JSON.stringify(recent(JSON.parse(response.text)));
    return response;
  },
  onComplete() {
    if (Authorization) ui.preauthorizeApiKey('key', Authorization.replace(/^Bearer /, ''));
  },
});
