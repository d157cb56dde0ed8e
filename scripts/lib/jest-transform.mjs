import { extname } from 'node:path';
import { transformSync } from 'esbuild';

/** For Jest: TypeScript and ES modules as CommonJS. On a cold cache this takes a tenth of what ts-jest does. */
export default {
  process(source, path) {
    const { code, map } = transformSync(source, {
      loader: extname(path) === '.ts' ? 'ts' : 'js',
      format: 'cjs',
      target: 'node20',
      sourcemap: 'external',
      // By the name .mjs, defaults would be imported as Node does it, from CommonJS alone.
      sourcefile: path.replace(/\.mjs$/, '.js'),
    });
    return { code, map };
  },
};
