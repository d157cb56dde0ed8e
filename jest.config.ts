/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

type Project = Exclude<NonNullable<Config['projects']>[number], string>;

const withoutJsExtension = '^(\\.{1,2}/.*)\\.js$';
const typescript = ['ts-jest', { tsconfig: 'tsconfig.spec.json', transpilation: true }] as const;

/** Against the sources, by the names that users import. zone.js replaces methods of Node's own prototypes. */
const sources: Project = {
  displayName: 'specs',
  roots: ['<rootDir>/spec', '<rootDir>/examples/marble-tests'],
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/spec/e2e/', '/spec/ceph/', '/spec/unit/angular/zone\\.'],
  moduleNameMapper: {
    '^rx-obs-upload$': '<rootDir>/lib/index.ts',
    '^rx-obs-upload/(.*)$': '<rootDir>/lib/$1/index.ts',
    [withoutJsExtension]: '$1',
  },
  transform: {
    '^.+\\.ts$': [...typescript],
    // Angular and NgRx come as ES modules alone.
    '^.+\\.mjs$': [
      'ts-jest',
      { tsconfig: { module: 'CommonJS', target: 'ES2022', allowJs: true }, transpilation: true },
    ],
  },
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
  transform: { '^.+\\.ts$': [...typescript] },
};

const config: Config = {
  // For what hangs, not for what is slow: longer than any wait of a spec (spec/e2e/support/until.ts).
  testTimeout: 600_000,
  maxWorkers: '100%',
  projects: [
    sources,
    // In a process of its own: all specs that a Jest process runs share Node's prototypes.
    { ...sources, displayName: 'zone', testMatch: ['**/angular/zone.spec.ts'], testPathIgnorePatterns: [] },
    built,
    { ...built, displayName: 'ceph', roots: ['<rootDir>/spec/ceph'] },
  ],
};

export default config;
