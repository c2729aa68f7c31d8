import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const compress = promisify(brotliCompress);

// Leaves every asset as brotli alone: that is what the binary holds, and unpacks for who cannot read it. A page itself
// stays as it is: the server writes a nonce into it.
export function brotli() {
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
