/**
 * The specs that drive real browsers and real processes: against what is built, by the names that users import.
 * @type {import('jest').Config}
 */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/spec/e2e'],
  testMatch: ['**/*.spec.ts'],
  // For what hangs, not for what is slow: longer than any wait of a spec (spec/e2e/support/until.ts).
  testTimeout: 600_000,
  maxWorkers: 1,
  moduleNameMapper: {
    '^rx-obs-upload$': '<rootDir>/dist/cjs/index.js',
    '^rx-obs-upload/(.*)$': '<rootDir>/dist/cjs/$1/index.js',
    '^(\\.{1,2}/.*)\\.js$': ['$1', '$1.js'],
  },
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.spec.json', transpilation: true }] },
};
