import { readFileSync } from 'node:fs';
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
