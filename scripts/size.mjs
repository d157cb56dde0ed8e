// npm run size: the budgets of .size-limit.json, and what each kilobyte of an upload is for.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { buildLibrary } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { command, inProject } from './lib/project.mjs';
import { runBin } from './lib/run.mjs';

const USAGE = 'Usage: npm run size';

await command(async (args) => {
  const options = readOptions(args, {}, USAGE);
  if (options.help) return void process.stdout.write(`${USAGE}\n`);
  await ensureInstalled();
  await buildLibrary();
  const { code } = await runBin('size-limit', 'size-limit', []);
  const [upload] = JSON.parse(readFileSync(inProject('.size-limit.json'), 'utf8'));
  await tellContents(upload);
  return code === 0 ? 0 : 1;
});

/**
 * By folder and package. Gzip makes one stream of all, so each gets its share of that by its minified size: near enough
 * to see what is big.
 */
async function tellContents({ name, import: names, ignore }) {
  // Loaded late: on a fresh clone it is installed only after this module was.
  const { build } = await import('esbuild');
  const { metafile, outputFiles } = await build({
    stdin: { contents: `export ${names} from './esm/index.js'`, resolveDir: inProject('dist') },
    bundle: true,
    minify: true,
    metafile: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    external: ignore,
    tsconfigRaw: {},
  });
  const [{ contents }] = outputFiles;
  const zipped = gzipSync(contents).length;
  const groups = new Map();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const group = groupOf(path);
      groups.set(group, (groups.get(group) ?? 0) + bytesInOutput);
    }
  }
  process.stdout.write(`\n${name}: ${kilobytes(contents.length)} minified, ${kilobytes(zipped)} with gzip\n`);
  for (const [group, bytes] of [...groups].sort(([, a], [, b]) => b - a)) {
    if (bytes === 0) continue;
    const share = (bytes * zipped) / contents.length;
    process.stdout.write(`${kilobytes(bytes).padStart(9)} ${kilobytes(share).padStart(8)}  ${group}\n`);
  }
}

function groupOf(path) {
  const dependency = /.*node_modules\/([^/]+)\//.exec(path)?.[1];
  if (dependency !== undefined) return dependency;
  const [, folder, file] = /dist\/esm\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  return file === undefined ? 'lib/*.ts' : `lib/${folder}`;
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
