import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CDN_FILES } from '../build-cdn.mjs';
import { inProject } from '../project.mjs';

/** npm packs every README. */
const BESIDE_DIST = ['CHANGELOG.md', 'LICENSE', 'README.md', 'README.zh-CN.md', 'package.json'];
const REQUIRED_FIELDS = [
  ...['name', 'version', 'description', 'license', 'keywords', 'repository', 'homepage', 'bugs'],
  ...['engines', 'sideEffects', 'exports'],
];

/** The tarball holds each module of `lib/` once a format with its types, the schematics, what a reader needs, and nothing else. */
export function checkContents({ library, manifest, entries }) {
  const files = filesIn(library);
  const schematics = filesIn(inProject('schematics')).map((file) => `dist/schematics/${file}`);
  const cdn = CDN_FILES.map((name) => `dist/cdn/${name}`);
  const built = ['dist/cjs/package.json', ...schematics, ...cdn, ...entries.flatMap(outputsOf)];
  const wanted = new Set([...BESIDE_DIST, ...built]);
  return [
    ...files.filter((file) => !wanted.has(file)).map((file) => `${file} should not be there`),
    ...[...wanted].filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...REQUIRED_FIELDS.filter((field) => manifest[field] === undefined).map((field) => `package.json has no ${field}`),
    ...(manifest.sideEffects === false ? [] : ['package.json does not say "sideEffects": false']),
    ...targetsOf(manifest.exports)
      .filter((target) => !existsSync(join(library, target)))
      .map((target) => `package.json exports ${target}, which is not there`),
    ...entries.flatMap(({ specifier, undeclared }) =>
      undeclared.map((name) => `${specifier} imports ${name}, which package.json does not ask for`),
    ),
    ...files
      .filter((file) => /^README/.test(file))
      .flatMap((file) => relativeLinksOf(join(library, file)).map((link) => `${file}: npm does not show ${link}`)),
    ...files
      .filter((file) => readFileSync(join(library, file), 'utf8').includes(inProject()))
      .map((file) => `${file} names a folder of this machine`),
  ];
}

/** Of an entry with a folder of its own, that folder; of the main entry, all other modules. */
function outputsOf({ path, hasCjs }, _index, entries) {
  const folders = entries.map((entry) => entry.path.slice(2)).filter((folder) => folder !== '');
  const modules = filesIn(inProject('lib')).filter((module) => {
    const folder = folders.find((candidate) => module.startsWith(`${candidate}/`)) ?? '';
    // What is there for CommonJS alone takes the place of its twin.
    return module.endsWith('.ts') && !module.endsWith('.cjs.ts') && folder === path.slice(2);
  });
  return modules.flatMap((module) =>
    (hasCjs ? ['esm', 'cjs'] : ['esm']).flatMap((format) =>
      ['.js', '.d.ts'].map((suffix) => `dist/${format}/${module.replace(/\.ts$/, suffix)}`),
    ),
  );
}

/** Links and pictures that work only beside the other files of the repository. */
function relativeLinksOf(page) {
  const links = readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g);
  return [...links].map(([, link, attribute]) => link ?? attribute).filter((link) => !/^(?:https:|#)/.test(link));
}

function targetsOf(exports) {
  return typeof exports === 'string' ? [exports] : Object.values(exports).flatMap(targetsOf);
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}
