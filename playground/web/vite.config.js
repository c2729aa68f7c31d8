import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const compress = promisify(brotliCompress);

// Leaves every asset as brotli alone: that is what the binary holds, and unpacks for who cannot read it. The page itself
// stays as it is: the server writes a nonce into it.
function brotli() {
  return {
    name: 'brotli',
    async writeBundle({ dir }, bundle) {
      const files = Object.keys(bundle).filter((name) => !name.endsWith('.html')).map((name) => join(dir, name));
      await Promise.all(files.map(async (file) => {
        const content = await readFile(file);
        const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
        await writeFile(`${file}.br`, await compress(content, { params }));
        await rm(file);
      }));
    },
  };
}

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
