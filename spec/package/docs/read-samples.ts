import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

/** A block of TypeScript in a page. */
export interface Sample {
  /** Path from the project's folder. */
  readonly page: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  /**
   * What is said after `ts` on the fence. `run`: it ends without an error, and so does each upload that it begins.
   * `spec`: it holds specs, which pass. Nothing: it compiles.
   */
  readonly kind: '' | 'run' | 'spec';
  /** Its code, after the imports of the page's earlier samples that it has not itself. */
  readonly code: string;
  /** Lines of `code` ahead of its own. */
  readonly offset: number;
}

export const root: string = join(__dirname, '..', '..', '..');

/** The pages whose samples are checked: the README and the guides. */
export function pages(): readonly string[] {
  const guides = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  return ['README.md', ...guides.sort()];
}

export function readSamples(page: string): readonly Sample[] {
  const text = readFileSync(join(root, page), 'utf8');
  const imports = new Map<string, string>();
  return [...text.matchAll(/^```ts(.*)\n([^]*?)^```$/gm)].map((fence) => {
    const kind = (fence[1] ?? '').trim();
    const own = fence[2] ?? '';
    const line = text.slice(0, fence.index).split('\n').length + 1;
    if (kind !== '' && kind !== 'run' && kind !== 'spec') throw new Error(`${page}:${line - 1}: what is "${kind}"?`);
    const declared = new Set([...importsOf(own).keys(), ...declaredBy(own)]);
    const carried = [...imports].filter(([name]) => !declared.has(name)).map(([, statement]) => statement);
    for (const [name, statement] of importsOf(own)) imports.set(name, statement);
    return { page, line, kind, code: [...carried, own].join('\n'), offset: carried.length };
  });
}

/** Each name that a sample imports, with a statement that imports it alone. */
function importsOf(code: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const statement of parse(code)) {
    if (!ts.isImportDeclaration(statement) || statement.importClause?.namedBindings === undefined) continue;
    const { namedBindings, phaseModifier } = statement.importClause;
    if (!ts.isNamedImports(namedBindings)) continue;
    const isType = phaseModifier === ts.SyntaxKind.TypeKeyword;
    for (const element of namedBindings.elements) {
      const what = isType && !element.isTypeOnly ? `type ${element.getText()}` : element.getText();
      found.set(element.name.text, `import { ${what} } from ${statement.moduleSpecifier.getText()};`);
    }
  }
  return found;
}

function declaredBy(code: string): readonly string[] {
  return parse(code).flatMap((statement) => {
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => name.getText());
    return ts.isFunctionDeclaration(statement) && statement.name ? [statement.name.text] : [];
  });
}

function parse(code: string): readonly ts.Statement[] {
  return ts.createSourceFile('sample.ts', code, ts.ScriptTarget.ES2022, true).statements.slice();
}
