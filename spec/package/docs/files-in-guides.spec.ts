import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages, root } from './read-samples.js';

const FILE = /^<!-- file: (\S+) -->\n\n```\w+\n([^]*?)^```$/gm;

/** Files of the examples that guides show; they are run together with the examples. */
const filesInGuides = pages().flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(FILE)].map(([, path = '', text]) => ({ page, path, text })),
);

it('guides show files of the examples', () => expect(filesInGuides.length).toBeGreaterThan(0));

it.each(filesInGuides)('$page shows the current content of $path', ({ path, text }) => {
  expect(text).toBe(readFileSync(join(root, path), 'utf8'));
});

it('reliability.md names only specs that exist', () => {
  const specs = readdirSync(join(root, 'spec'), { recursive: true, encoding: 'utf8' });
  const rows = readFileSync(join(root, 'docs/reliability.md'), 'utf8').match(/^\|.*\|$/gm) ?? [];
  const named = rows.flatMap((row) => row.match(/(?<=`)[a-z0-9]+(?:\/[\w-]+)+(?=`)/g) ?? []);
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((path) => !specs.some((spec) => spec.startsWith(path)))).toEqual([]);
});
