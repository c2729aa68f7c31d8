import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { brotli } from './brotli.js';

export default defineConfig({
  base: '/playground/',
  plugins: [react(), brotli()],
  worker: { format: 'es' },
  build: {
    outDir: process.env.PLAYGROUND_OUT ?? 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Nothing as data:, so that the page's policy need not allow fonts of that kind.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 8000,
    reportCompressedSize: false,
    rolldownOptions: {
      input: ['index.html', 'docs.html'],
      // GraphiQL is compiled by React's compiler already; its "use no memo" says nothing to what bundles it.
      checks: { moduleLevelDirective: false },
    },
  },
});
