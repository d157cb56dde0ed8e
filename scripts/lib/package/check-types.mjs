import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inProject } from '../project.mjs';
import { run } from '../run.mjs';

const STRICT = { strict: true, noEmit: true, skipLibCheck: false, target: 'ES2022' };
const WEB = { lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [] };
const NODE = { lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: ['node'] };

const NODE16 = { module: 'Node16', moduleResolution: 'Node16' };
const NODENEXT = { module: 'NodeNext', moduleResolution: 'NodeNext' };
const BUNDLER = { module: 'ES2022', moduleResolution: 'Bundler' };
const NODE10 = { module: 'CommonJS', moduleResolution: 'Node10' };
const EXACT = { exactOptionalPropertyTypes: true };

const ESM = ['esm.mts', 'types'];
const ALL = [...ESM, 'cjs.cts'];

/** Which TypeScript (null: this project's own), how it resolves, and which programs it compiles. */
export const TYPE_CHECKS = [
  { name: 'TypeScript 5.4, node16', compiler: 'typescript-5.4', how: { ...WEB, ...NODE16 }, programs: ALL },
  {
    name: 'TypeScript 5.4, node16, Node',
    compiler: 'typescript-5.4',
    how: { ...NODE, ...NODE16 },
    programs: ['node.mts'],
  },
  {
    name: 'TypeScript 5.4, bundler, exact',
    compiler: 'typescript-5.4',
    how: { ...WEB, ...BUNDLER, ...EXACT },
    programs: ESM,
  },
  {
    name: 'TypeScript 5.4, node10',
    compiler: 'typescript-5.4',
    how: { ...WEB, ...NODE10 },
    programs: ['web.ts', 'types'],
  },
  {
    name: 'TypeScript 5.4, node10, Node',
    compiler: 'typescript-5.4',
    how: { ...NODE, ...NODE10 },
    programs: ['node.ts'],
  },
  { name: 'TypeScript 6.0, bundler, exact', compiler: null, how: { ...WEB, ...BUNDLER, ...EXACT }, programs: ESM },
  { name: 'TypeScript 6.0, bundler', compiler: null, how: { ...WEB, ...BUNDLER }, programs: ESM },
  { name: 'TypeScript 7.0, nodenext', compiler: 'typescript-7.0', how: { ...WEB, ...NODENEXT }, programs: ALL },
  {
    name: 'TypeScript 7.0, nodenext, Node',
    compiler: 'typescript-7.0',
    how: { ...NODE, ...NODENEXT },
    programs: ['node.mts'],
  },
  {
    name: 'TypeScript 7.0, bundler, exact',
    compiler: 'typescript-7.0',
    how: { ...WEB, ...BUNDLER, ...EXACT },
    programs: ESM,
  },
];

/** Programs that import each entry, as ESM and as CommonJS, and the type tests of this project. */
export function writePrograms({ folder, entries }) {
  const typed = entries.filter(({ missingPeers }) => missingPeers.length === 0);
  const web = typed.filter(({ isForNode }) => !isForNode);
  const write = (name, chosen, line) => {
    const lines = chosen.map(
      ({ specifier }, i) => `${line(`e${i}`, specifier)}\nexport const n${i} = Object.keys(e${i});`,
    );
    writeFileSync(join(folder, name), lines.join('\n'));
  };
  const esm = (name, specifier) => `import * as ${name} from '${specifier}';`;
  const cjs = (name, specifier) => `import ${name} = require('${specifier}');`;
  write('esm.mts', web, esm);
  write(
    'cjs.cts',
    web.filter(({ hasCjs }) => hasCjs),
    cjs,
  );
  write(
    'node.mts',
    typed.filter(({ isForNode }) => isForNode),
    esm,
  );
  write('web.ts', web, esm);
  write(
    'node.ts',
    typed.filter(({ isForNode }) => isForNode),
    esm,
  );
  cpSync(inProject('spec/types'), join(folder, 'types'), { recursive: true });
}

export async function checkTypes({ folder }, { name, compiler, how, programs }) {
  const config = join(folder, `tsconfig.${name.replace(/\W+/g, '-')}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions: { ...STRICT, ...how }, include: programs }));
  const modules = compiler === null ? inProject('node_modules/typescript') : join(folder, 'node_modules', compiler);
  const tsc = join(modules, 'bin', 'tsc');
  const { code, output } = await run(process.execPath, [tsc, '-p', config], { cwd: folder, quiet: true });
  return code === 0 ? [] : output.trim().split('\n');
}
