import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '..', '..');
const lib = join(root, 'lib');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: object };

/** The modules that a file's declarations import. */
function importsOf(file: string): string[] {
  const { outputText } = ts.transpileDeclaration(readFileSync(file, 'utf8'), {
    fileName: file,
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return ts.preProcessFile(outputText).importedFiles.map(({ fileName }) => fileName);
}

/** Each package that the declarations of an entry point need, with the file that imports it. */
function packagesOf(entry: string): Map<string, string> {
  const packages = new Map<string, string>();
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.')) visit(join(dirname(file), specifier.replace(/\.js$/, '.ts')));
      else packages.set(specifier, relative(lib, file));
    }
  };
  visit(join(lib, entry));
  return packages;
}

describe('The published declarations', () => {
  it.each(
    Object.keys(manifest.exports)
      .filter((path) => path !== './package.json')
      .map((path) => join(path, 'index.ts')),
  )('of %s need no types that a user would have to install', (entry) => {
    const packages = packagesOf(entry);
    expect(packages.size).toBeGreaterThan(0);
    for (const specifier of packages.keys()) {
      expect([specifier, packages.get(specifier)]).toEqual([
        expect.stringMatching(/^(rxjs$|@angular\/|node:)/),
        expect.anything(),
      ]);
    }
  });
});
