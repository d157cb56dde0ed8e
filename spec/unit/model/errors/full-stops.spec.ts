import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** The position of the message among the arguments of each error. */
const messageAt: Readonly<Record<string, number>> = {
  InvalidOptionsError: 1,
  CheckpointError: 1,
  SourceError: 1,
  SigningError: 1,
  NetworkError: 1,
  ServiceError: 1,
  IntegrityError: 0,
  StoreError: 0,
  WorkerError: 0,
  Refusal: 0,
  Error: 0,
};

const lib = join(__dirname, '..', '..', '..', '..', 'lib');
const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !/^(fake-obs|testing|server)[\\/]/.test(path),
);

/** The possible ends of a message, as far as they are literals. */
function endsOf(node: ts.Expression): readonly string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) {
    const last = node.templateSpans.at(-1)?.literal.text ?? '';
    return last === '' ? [] : [last];
  }
  if (ts.isBinaryExpression(node)) return endsOf(node.right);
  if (ts.isConditionalExpression(node)) return [...endsOf(node.whenTrue), ...endsOf(node.whenFalse)];
  return [];
}

function messagesWithoutFullStop(path: string): readonly string[] {
  const source = ts.createSourceFile(path, readFileSync(join(lib, path), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node)) {
      const message = node.arguments?.[messageAt[node.expression.getText()] ?? -1];
      const ends = message === undefined ? [] : endsOf(message);
      found.push(...ends.filter((end) => !end.endsWith('.')).map((end) => `${path}: ${end}`));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

it('every message of an error ends in a full stop', () => {
  expect(files.flatMap(messagesWithoutFullStop)).toEqual([]);
});
