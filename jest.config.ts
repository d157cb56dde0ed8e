/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

type Project = Exclude<NonNullable<Config['projects']>[number], string>;

const withoutJsExtension = '^(\\.{1,2}/.*)\\.js$';
// The types are checked by `npm run types`.
const transform = { '^.+\\.(ts|mjs)$': '<rootDir>/scripts/lib/jest-transform.mjs' };

/** In Jest's sandbox each use of a global is a slow lookup, so modules get these as parameters: a fifth of all CPU time. */
const builtIns = [
  ...(['Array', 'ArrayBuffer', 'Boolean', 'DataView', 'Error', 'Infinity', 'JSON', 'Map', 'Math', 'Number'] as const),
  ...(['Object', 'RangeError', 'Set', 'String', 'Symbol', 'TypeError', 'Uint8Array', 'WeakMap', 'WeakSet'] as const),
] as const;

/** Against the sources, by the names that users import. zone.js replaces methods of Node's own prototypes. */
const sources: Project = {
  displayName: 'specs',
  sandboxInjectedGlobals: [...builtIns],
  roots: ['<rootDir>/spec', '<rootDir>/examples/marble-tests'],
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/spec/e2e/', '/spec/ceph/', '/spec/integration/angular/zone\\.'],
  moduleNameMapper: {
    '^rx-obs-upload$': '<rootDir>/lib/index.ts',
    '^rx-obs-upload/(.*)$': '<rootDir>/lib/$1/index.ts',
    // One file for RxJS's 230: each spec file loads it again.
    '^rxjs$': '<rootDir>/node_modules/rxjs/dist/bundles/rxjs.umd.js',
    '^rxjs/(operators|testing)$': '<rootDir>/spec/support/rxjs-$1.cjs',
    [withoutJsExtension]: '$1',
  },
  transform,
  // Angular and NgRx come as ES modules alone.
  transformIgnorePatterns: ['/node_modules/(?!@(angular|ngrx)/)'],
};

/** Real browsers and real processes: against what is built, by the names that users import. */
const built: Project = {
  displayName: 'e2e',
  roots: ['<rootDir>/spec/e2e'],
  testMatch: ['**/*.spec.ts'],
  moduleNameMapper: {
    '^rx-obs-upload$': '<rootDir>/dist/cjs/index.js',
    '^rx-obs-upload/(.*)$': '<rootDir>/dist/cjs/$1/index.js',
    [withoutJsExtension]: ['$1', '$1.js'],
  },
  transform,
};

const config: Config = {
  // For what hangs, not for what is slow: longer than any wait of a spec (spec/e2e/support/until.ts).
  testTimeout: 600_000,
  maxWorkers: '100%',
  // In Node 20 every spec file makes promises slower for the files after it in the same process, so processes are replaced.
  workerIdleMemoryLimit: '300MB',
  testSequencer: '<rootDir>/scripts/lib/properties-first.cjs',
  projects: [
    sources,
    // In a process of its own: all specs that a Jest process runs share Node's prototypes.
    { ...sources, displayName: 'zone', testMatch: ['**/angular/zone.spec.ts'], testPathIgnorePatterns: [] },
    built,
    { ...built, displayName: 'ceph', roots: ['<rootDir>/spec/ceph'] },
  ],
};

export default config;
