import { existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * What the package can be imported by, read off its `exports`, so that a new entry is checked without more ado.
 * `isForNode`: it needs Node; `missingPeers`: optional peers that it needs
 * and the consumer has not; `undeclared`: what it imports but does not ask
 * for in package.json.
 */
export async function readEntries(library, manifest) {
  const entries = Object.entries(manifest.exports).filter(([, target]) => typeof target === 'object');
  return Promise.all(entries.map(([path, target]) => readEntry(library, manifest, path, target)));
}

async function readEntry(library, manifest, path, target) {
  const esm = target.import?.default ?? target.default;
  const imported = await importedBy(join(library, esm));
  const builtin = imported.filter((name) => name.startsWith('node:') || builtinModules.includes(name));
  const packages = imported.filter((name) => !builtin.includes(name)).map(packageOf);
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  return {
    path,
    specifier: path === '.' ? manifest.name : `${manifest.name}${path.slice(1)}`,
    hasCjs: target.require !== undefined,
    isForNode: builtin.length > 0,
    missingPeers: packages.filter(
      (name) => peerDependenciesMeta[name]?.optional && !existsSync(join(library, '..', name)),
    ),
    undeclared: packages.filter((name) => !(name in dependencies) && !(name in peerDependencies)),
  };
}

/** All that the files behind an entry import by name. */
async function importedBy(file) {
  const { metafile } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    // Without: nothing is left out because nobody uses it.
    treeShaking: false,
    logLevel: 'silent',
  });
  const all = Object.values(metafile.inputs).flatMap(({ imports }) => imports);
  return [...new Set(all.filter(({ external }) => external).map(({ path }) => path))];
}

function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
