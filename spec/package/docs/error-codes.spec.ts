import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './read-samples.js';

/** The members of `UploadErrorCode`, from its source. */
function codes(): readonly string[] {
  const source = ts.createSourceFile(
    'error-info.ts',
    read('lib/model/upload/error-info.ts'),
    ts.ScriptTarget.ES2022,
    true,
  );
  const type = source.statements.filter(ts.isTypeAliasDeclaration).find(({ name }) => name.text === 'UploadErrorCode');
  if (type === undefined || !ts.isUnionTypeNode(type.type)) throw new Error('UploadErrorCode is not a union any more.');
  return type.type.types.map((member) => member.getText().slice(1, -1));
}

/** The rows of the table: code, class, meaning, what to do. */
function rows(): readonly (readonly string[])[] {
  const [, table = ''] = /^## Codes\n([^]*?)^## /m.exec(read('docs/guides/errors.md')) ?? [];
  return [...table.matchAll(/^\| `(.+) \|$/gm)].map(([, row = '']) => row.split('|').map((cell) => cell.trim()));
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

it('the table of error codes has exactly the codes of the library, in their order', () => {
  expect(rows().map(([code]) => code?.replace('`', ''))).toEqual(codes());
});

it('each row of the table explains what the code means and what to do', () => {
  expect(rows().filter((cells) => cells.length !== 4 || cells.some((cell) => cell === ''))).toEqual([]);
});
