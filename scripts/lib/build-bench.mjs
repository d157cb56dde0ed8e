import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildLibrary, bundle, bundleForNode } from './build.mjs';
import { inProject } from './project.mjs';

/** Contestants are files that end with a call of `register`; the others serve them. */
const HELPERS = ['register.ts', 'upload-all.ts', 'hashing.ts', 'widely.ts', 'esdk-obs-browserjs.d.ts'];

/** The bench, to `build/bench`: a page of each contestant, the null server, the runner. */
export async function buildBench() {
  await buildLibrary();
  const contestants = inProject('spec/bench/contestants');
  const pages = inProject('build', 'bench', 'pages');
  await bundle({
    entryPoints: readdirSync(contestants)
      .filter((name) => !HELPERS.includes(name))
      .map((name) => join(contestants, name)),
    outdir: pages,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    // Names stay, for profiles.
    minifySyntax: true,
    minifyWhitespace: true,
  });
  await bundleForNode('spec/bench/null-server/main.ts', 'bench/null-server.mjs');
  await bundleForNode('spec/bench/index.ts', 'bench/runner.mjs');
  return {
    pages,
    nullServer: inProject('build', 'bench', 'null-server.mjs'),
    runner: inProject('build', 'bench', 'runner.mjs'),
  };
}
