import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages, root } from './read-samples.js';

const FILE = /^<!-- file: (\S+) -->\n\n```\w+\n([^]*?)^```$/gm;

/** Files of the examples that guides show; they are driven where the examples are. */
const shown = pages().flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(FILE)].map(([, path = '', text]) => ({ page, path, text })),
);

it('guides show files of the examples', () => expect(shown.length).toBeGreaterThan(0));

it.each(shown)('$page shows $path as it is', ({ path, text }) => {
  expect(text).toBe(readFileSync(join(root, path), 'utf8'));
});
