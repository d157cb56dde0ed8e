import { inProject } from '../project.mjs';
import { run } from '../run.mjs';
import { withConsumer } from './consumer.mjs';

/** A program beside other people's packages and this one, in a folder of their own: it says what does not work. */
export function checkProgram(tarball, template, program) {
  return withConsumer(inProject(template), tarball, async ({ folder }) => {
    const { code, output } = await run(process.execPath, [program], { cwd: folder, quiet: true });
    return code === 0 ? [] : [output.trim()];
  });
}
