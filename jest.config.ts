/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: 'node',
  roots: ['<rootDir>/spec', '<rootDir>/examples/marble-tests'],
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/spec/e2e/', '/spec/ceph/'],
  extensionsToTreatAsEsm: [],
  moduleNameMapper: {
    '^rx-obs-upload$': '<rootDir>/lib/index.ts',
    '^rx-obs-upload/(.*)$': '<rootDir>/lib/$1/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.spec.json', transpilation: true }] },
};

export default config;
