/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: 'node',
  // For what hangs, not for what is slow.
  testTimeout: 300_000,
  maxWorkers: '100%',
  roots: ['<rootDir>/spec', '<rootDir>/examples/marble-tests'],
  testMatch: ['**/*.spec.ts'],
  // zone.spec.ts needs a process to itself (scripts/test.mjs).
  testPathIgnorePatterns: ['/spec/e2e/', '/spec/ceph/', '/spec/unit/angular/zone\\.'],
  extensionsToTreatAsEsm: [],
  moduleNameMapper: {
    '^rx-obs-upload$': '<rootDir>/lib/index.ts',
    '^rx-obs-upload/(.*)$': '<rootDir>/lib/$1/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.spec.json', transpilation: true }],
    // Angular and NgRx come as ES modules alone.
    '^.+\\.mjs$': [
      'ts-jest',
      { tsconfig: { module: 'CommonJS', target: 'ES2022', allowJs: true }, transpilation: true },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!@(angular|ngrx)/)'],
};

export default config;
