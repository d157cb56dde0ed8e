import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from '../build.mjs';
import { inProject } from '../project.mjs';
import { run } from '../run.mjs';
import { withConsumer } from './consumer.mjs';

const GUIDE = 'docs/testing.md';
const VITEST = ['vitest', 'vitest.mjs'];
const JEST = ['jest', 'bin', 'jest.js'];

const RUNNERS = [
  ...['node', 'jsdom', 'happy-dom'].map((environment) => ({
    name: `Vitest, ${environment}`,
    program: VITEST,
    args: ['run', 'samples', '--environment', environment],
  })),
  ...['node', 'jsdom'].map((environment) => ({
    name: `Jest, ${environment}`,
    program: JEST,
    args: ['samples', '--ci', '--env', environment],
  })),
  { name: 'jest-preset-angular', program: JEST, args: ['--ci', '--config', 'jest.angular.config.js'] },
];

/** The settings and the samples of the guide to testing, in each runner and environment that it names. */
export function checkRunners(tarball) {
  return withConsumer(inProject('spec/package/test-runners'), tarball, async ({ folder }) => {
    await writeGuide(folder);
    const problems = [];
    for (const { name, program, args } of RUNNERS) {
      const command = [join('node_modules', ...program), ...args];
      const { code, output } = await run(process.execPath, command, { cwd: folder, quiet: true });
      if (code !== 0) problems.push(`${name}: ${output.trim()}`);
    }
    return problems;
  });
}

async function writeGuide(folder) {
  for (const name of ['samples', 'angular']) mkdirSync(join(folder, name));
  for (const { line, kind, code } of await samples()) {
    const isAngular = code.includes(`'@angular/`);
    if (kind === 'spec' || isAngular) {
      writeFileSync(join(folder, isAngular ? 'angular' : 'samples', `line-${line}.spec.ts`), code);
    }
  }
  cpSync(join(folder, 'any-runner.ts'), join(folder, 'samples', 'any-runner.spec.ts'));
  const settings = readFileSync(inProject(GUIDE), 'utf8').matchAll(/^```js\n\/\/ (\S+)\n([^]*?)^```$/gm);
  for (const [, name, content] of settings) writeFileSync(join(folder, name), content);
}

/** As the specs of the guides read them. */
async function samples() {
  await bundle({
    entryPoints: [inProject('spec/package/docs/read-samples.ts')],
    outfile: inProject('build', 'read-samples.mjs'),
    format: 'esm',
    platform: 'node',
    packages: 'external',
    define: { __dirname: JSON.stringify(inProject('spec/package/docs')) },
  });
  const { readSamples } = await import(pathToFileURL(inProject('build', 'read-samples.mjs')).href);
  return readSamples(GUIDE);
}
