import { defineConfig } from 'eslint/config';
import regexp from 'eslint-plugin-regexp';
import rxjsX from 'eslint-plugin-rxjs-x';
import tseslint from 'typescript-eslint';

/** What Oxlint has no rules for: see .oxlintrc.json for the rest. */
export default defineConfig(
  // Of projects of their own.
  { ignores: ['dist/', 'build/', 'coverage/', '.obs/', 'spec/package/angular-consumer/', 'schematics/'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [rxjsX.configs.recommended],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Exports have names.' },
        { selector: 'ExportAllDeclaration', message: 'Exports are listed one by one.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
      ],
    },
  },
  {
    // Text from servers and storage is as long as an attacker likes: an expression takes time in proportion to it.
    files: ['lib/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': 'error',
      'regexp/no-super-linear-move': 'error',
      'no-restricted-globals': ['error', { name: 'RegExp', message: 'Write a literal, whose cost can be checked.' }],
    },
  },
  { files: ['*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
