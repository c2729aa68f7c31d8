// The scripts of shared reports, by themselves: a small one that a page starts with, and the charts, with the licences of what
// is in them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { brotli } from './brotli.js';

const licences = ['chart.js', '@kurkle/color']
  .map((name) => `${name}: ${readFileSync(join('node_modules', name, 'LICENSE.md'), 'utf8').trim()}`)
  .join('\n\n');

export default defineConfig({
  plugins: [brotli()],
  // Scripts name each other as neighbours, wherever they are served.
  base: './',
  build: {
    outDir: join(process.env.PLAYGROUND_OUT ?? 'dist', 'report'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: 'report/main.js',
      output: {
        entryFileNames: 'report-[hash].js',
        chunkFileNames: '[name]-[hash].js',
        postBanner: ({ isEntry }) => (isEntry ? '' : `/*!\n${licences}\n*/`),
      },
    },
  },
});
