import { checkApi } from '../api.mjs';
import { checkAngular } from './check-angular.mjs';
import { ANGULAR_CLIS, checkAngularCli } from './check-angular-cli.mjs';
import { BUNDLERS, checkBundle, writeApp } from './check-bundles.mjs';
import { checkCommand } from './check-command.mjs';
import { checkCdn } from './check-cdn.mjs';
import { checkContents } from './check-contents.mjs';
import { checkImport } from './check-imports.mjs';
import { checkWithAttw, checkWithPublint } from './check-manifest.mjs';
import { checkProgram } from './check-program.mjs';
import { checkRunners } from './check-runners.mjs';
import { checkTypes, TYPE_CHECKS, writePrograms } from './check-types.mjs';
import { checkWorker, WORKER_BUNDLERS } from './check-workers.mjs';

/** All that is checked of the package, the slowest first. Each check gives what is wrong, a line each. */
export function packageChecks(consumer, tarball) {
  writePrograms(consumer);
  writeApp(consumer);
  const check = (name, run) => ({ name, check: async () => run() });
  return [
    ...ANGULAR_CLIS.map((cli) => check(`Angular CLI ${cli.version}, ng add`, () => checkAngularCli(tarball, cli))),
    check('Test runners', () => checkRunners(tarball)),
    check('Angular 19, TypeScript 5.5', () => checkAngular(tarball)),
    check('AWS SDK for JavaScript', () => checkProgram(tarball, 'spec/package/aws-peer', 'peers.mjs')),
    check('Express, Fastify, Hono', () => checkProgram(tarball, 'spec/package/signing-recipes', 'recipes.mjs')),
    check('npx rx-obs-upload serve', () => checkCommand(tarball)),
    check('API reports', () => checkApi({ write: false }).problems),
    ...TYPE_CHECKS.map((typeCheck) => check(typeCheck.name, () => checkTypes(consumer, typeCheck))),
    ...BUNDLERS.map((bundler, i) => check(`Bundled with ${bundler.name}`, () => checkBundle(consumer, bundler, i))),
    ...WORKER_BUNDLERS.map((bundler) =>
      check(`Worker bundled with ${bundler.name}`, () => checkWorker(consumer, bundler)),
    ),
    ...consumer.entries.map((entry) => check(`Import of ${entry.specifier}`, () => checkImport(consumer, entry))),
    check('Files for CDNs, in Chromium', () => checkCdn(consumer)),
    check('Contents', () => checkContents(consumer)),
    check('publint', () => checkWithPublint(consumer)),
    check('Are the types wrong?', () => checkWithAttw(tarball)),
  ];
}
