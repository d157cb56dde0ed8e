import { build } from 'esbuild';
import { run } from '../run.mjs';

/**
 * Importing an entry does nothing: a bundle of a bare import is empty, and in a process of its own no global is read,
 * set or changed by it. CommonJS and ESM export the same names.
 */
export async function checkImport({ folder }, { specifier, hasCjs, missingPeers }) {
  const problems = [];
  const bundled = await build({
    stdin: { contents: `import '${specifier}';`, resolveDir: folder },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
    external: missingPeers,
  });
  // Comments name the files that nothing is left of.
  const code = bundled.outputFiles[0].text.replace(/^\/\/.*$/gm, '').trim();
  if (code !== '') problems.push(`a bundle of a bare import of ${specifier} is not empty: ${code.slice(0, 200)}`);

  if (missingPeers.length > 0) return problems;
  const reports = await Promise.all(
    (hasCjs ? ['import', 'require'] : ['import']).map((how) => alone(folder, specifier, how)),
  );
  for (const report of reports) problems.push(...report.problems);
  const [esm, cjs = esm] = reports.map(({ names }) => JSON.stringify(names));
  if (esm !== cjs) problems.push(`${specifier} exports ${esm} as ESM, but ${cjs} as CommonJS`);
  return problems;
}

async function alone(folder, specifier, how) {
  const { code, output } = await run(process.execPath, ['import-alone.mjs', specifier, how], {
    cwd: folder,
    quiet: true,
  });
  return code === 0 ? JSON.parse(output) : { names: [], problems: [`${how} of ${specifier} failed: ${output}`] };
}
