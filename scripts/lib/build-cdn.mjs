import { join } from 'node:path';

/** Files for pages without a build step, by their names in `dist/cdn`. */
export const CDN_FILES = ['rx-obs-upload.js', 'rx-obs-upload.without-rxjs.js', 'obs-client.js'];

const OBS_CLIENT = `import { ObsClient } from './compat/index.js'; globalThis.ObsClient = ObsClient;`;

/**
 * The main entry as one ES module, with rxjs and without, and `ObsClient` as a script that defines the global of that
 * name, as the official SDK's does.
 */
export async function bundleForCdn(esm, outdir, bundle) {
  const [whole, withoutRxjs, obsClient] = CDN_FILES;
  const module = { entryPoints: [join(esm, 'index.js')], format: 'esm' };
  const common = { platform: 'browser', target: 'es2022', minify: true };
  await bundle({ ...common, ...module, outfile: join(outdir, whole) });
  await bundle({ ...common, ...module, outfile: join(outdir, withoutRxjs), external: ['rxjs', 'rxjs/*'] });
  const stdin = { contents: OBS_CLIENT, resolveDir: esm };
  await bundle({ ...common, stdin, format: 'iife', outfile: join(outdir, obsClient) });
}
