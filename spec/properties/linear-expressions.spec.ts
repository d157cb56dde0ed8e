import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';

const lib = join(__dirname, '../../lib');
/** Ends what would never end. */
const TIMEOUT_MS = 120_000;

interface Expression {
  readonly place: string;
  readonly pattern: string;
  readonly flags: string;
}

function expressionsOf(path: string): Expression[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      found.push({
        place: `${relative(lib, path)}:${line}`,
        pattern: node.text.slice(1, end),
        flags: node.text.slice(end + 1),
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const expressions = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort()
  .flatMap((name) => expressionsOf(join(lib, name)));

const fragments = [
  ...['a', 'A', '0', ' ', '\t', '\n', '\r\n', '<', '>', '/', '&', '&#', '&amp', ';', '"', "'", '=', ':', ',', '.', '%'],
  ...['-', '_', '*', '(', '[', '{', '\\', '+', '?', '#', '@', '~', '`', '\u0000', '\u00e9', '\ud800', '\ufeff', '%E4'],
  ...[
    'token',
    'signature',
    'Authorization: ',
    'OBS ',
    'AWS4-HMAC-SHA256 ',
    'Bearer ',
    'token=',
    'x-',
    'a.',
    'a:',
    'a=',
  ],
  ...[
    '<a',
    '<a ',
    '<a b="',
    '</',
    '<!--',
    '--',
    '<![CDATA[',
    ']]',
    '<?',
    'W/"',
    '""',
    'Mon, ',
    '1-',
    '../',
    '//',
    'a,',
  ],
];

/** The words that an expression looks for lead into it deepest. */
function wordsOf(pattern: string): string[] {
  return [...new Set(pattern.match(/[A-Za-z0-9<>!"'=:;,. /-]{2,40}/g) ?? [])].slice(0, 12);
}

/**
 * Time of this process alone is measured, whatever else the machine does: a linear expression takes about a millisecond
 * for 400,000 characters, a quadratic one seconds for 50,000 of them and minutes for all.
 */
const attack = `
  const expression = new RegExp(pattern, flags);
  for (const length of [1_000, 50_000, 400_000]) {
    for (const fragment of length < 400_000 ? [...fragments, ...words] : words) {
      const repeated = fragment.repeat(Math.ceil(length / fragment.length)).slice(0, length);
      for (const text of [repeated, start + repeated + '\\u0007']) {
        expression.lastIndex = 0;
        const before = milliseconds();
        if (expression.global) text.replace(expression, '');
        else expression.test(text);
        const taken = milliseconds() - before;
        if (taken > 250 + length / 500) throw new Error('takes ' + taken + ' ms for ' + length + ' of ' + fragment);
      }
    }
  }
`;

function milliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function surviveAttack({ pattern, flags }: Pick<Expression, 'pattern' | 'flags'>): void {
  const words = wordsOf(pattern);
  const context = { pattern, flags, milliseconds, start: words[0] ?? '', fragments, words: ['a', ' ', ...words] };
  runInNewContext(attack, context, { timeout: TIMEOUT_MS });
}

describe('an expression of the library takes work in proportion to the text that it reads', () => {
  it.each(
    expressions.map((expression) => [expression.place, `/${expression.pattern}/${expression.flags}`, expression]),
  )(
    '%s %s',
    (_, __, expression) => {
      expect(() => {
        surviveAttack(expression);
      }).not.toThrow();
    },
    2 * TIMEOUT_MS,
  );

  it('finds the expressions, and those that are not linear', () => {
    expect(expressions.length).toBeGreaterThan(50);
    expect(() => {
      surviveAttack({ pattern: '((?:token|secret)[\\w-]*\\s*[=:]\\s*)[^\\s&]+', flags: 'gi' });
    }).toThrow(/takes/);
  });

  it('is written down: one that is built from text is only that of the values that were sent', () => {
    const built = readdirSync(lib, { recursive: true, encoding: 'utf8' })
      .filter(
        (name) => name.endsWith('.ts') && /new RegExp\(|[^.\w]RegExp\(/.test(readFileSync(join(lib, name), 'utf8')),
      )
      .sort();
    expect(built).toEqual(['protocol/sent-values.ts']);
  });
});
