import { join } from 'node:path';
import ts from 'typescript';
import { root, type Sample } from './read-samples.js';
import type { ReaderWorld } from './reader-world.js';

/**
 * The compiler errors of samples, checked against the current library: `docs/testing.md:45: …`. Each sample is a module
 * of its own and has to declare what it uses of the reader's code.
 */
export function typeErrors(samples: readonly Sample[]): readonly string[] {
  const read = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root);
  const relaxed = { ...options, noUnusedLocals: false, noUnusedParameters: false, skipLibCheck: true };
  const host = ts.createCompilerHost(relaxed);
  const files = new Map(
    samples.map((sample) => [join(root, 'spec', 'docs', `${sample.page}.${sample.line}.ts`), sample]),
  );
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.getSourceFile = (path, languageVersion) => {
    const sample = files.get(path);
    if (sample === undefined) return getSourceFile(path, languageVersion);
    // A sample without imports is a module too, with its own names.
    return ts.createSourceFile(path, `${sample.code}\nexport {};\n`, languageVersion, true);
  };
  const program = ts.createProgram([...files.keys()], relaxed, host);
  return [...files].flatMap(([path, sample]) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((diagnostic) => {
      const line = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0;
      const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
      return `${sample.page}:${sample.line + line}: ${message}`;
    });
  });
}

/** Runs a sample as a reader would, until what it awaits and the uploads that it starts have ended. */
export async function runSample({ code }: Sample, { names, load, settled }: ReaderWorld): Promise<void> {
  try {
    await compile('return (async () => {', code, '})();', Object.keys(names))(load, {}, ...Object.values(names));
  } finally {
    await settled();
  }
}

/** Declares the specs of a sample; called where specs are declared. */
export function declareSpecs({ code }: Sample, load: (name: string) => unknown): void {
  compile('', code, '')(load, {});
}

type Compiled = (load: (name: string) => unknown, exports: object, ...values: readonly unknown[]) => unknown;

function compile(head: string, code: string, tail: string, names: readonly string[] = []): Compiled {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  // oxlint-disable-next-line typescript/no-implied-eval -- the guides are the project's own
  return new Function('require', 'exports', ...names, `${head}\n${outputText}\n${tail}`) as Compiled;
}
