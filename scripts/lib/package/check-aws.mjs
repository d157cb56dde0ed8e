import { inProject } from '../project.mjs';
import { run } from '../run.mjs';
import { withConsumer } from './consumer.mjs';

/** The AWS SDK for JavaScript sends to the package's local OBS, and checksums and signs as the package does. */
export function checkAws(tarball) {
  return withConsumer(inProject('spec/package/aws-peer'), tarball, async ({ folder }) => {
    const { code, output } = await run(process.execPath, ['peers.mjs'], { cwd: folder, quiet: true });
    return code === 0 ? [] : [output.trim()];
  });
}
