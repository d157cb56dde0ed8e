import { join } from 'node:path';
import { inProject } from '../project.mjs';
import { run } from '../run.mjs';
import { withConsumer } from './consumer.mjs';

/** The oldest Angular that the package is for compiles an application against it (library files too), and runs it. */
export function checkAngular(tarball) {
  return withConsumer(inProject('spec/package/angular-consumer'), tarball, async ({ folder }) => {
    const inFolder = { cwd: folder, quiet: true };
    const compiled = await run(
      process.execPath,
      [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', '.'],
      inFolder,
    );
    if (compiled.code !== 0) return compiled.output.trim().split('\n');
    const ran = await run(process.execPath, [join('out', 'application.js')], inFolder);
    return ran.code === 0 ? [] : [ran.output.trim()];
  });
}
