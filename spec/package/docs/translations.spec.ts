import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages, root } from './read-samples.js';

const translations = pages().filter((page) => page.includes('zh-CN'));

it('there are translations', () => {
  expect(translations).toContain('README.zh-CN.md');
});

it.each(translations)('%s is up to date with its original', (page) => {
  expect(staleness(page, read(page))).toBeNull();
});

it.each(translations)('%s has the samples of its original', (page) => {
  const { original } = headOf(page, read(page));
  expect(samplesOf(read(page))).toEqual(samplesOf(read(original)));
});

it('an outdated translation is reported, with what to do', () => {
  const stale = '<!-- Translation of docs/guides/resume.md, 000000000000 -->\n# 断点续传\n';
  expect(staleness('docs/zh-CN/resume.md', stale)).toMatch(
    /docs\/guides\/resume\.md has changed since docs\/zh-CN\/resume\.md was translated.*Translation of docs\/guides\/resume\.md, (?!0{12})[\da-f]{12} -->/s,
  );
});

/** null: the translation was made from the current original. */
function staleness(page: string, text: string): string | null {
  const { original, hash } = headOf(page, text);
  const current = hashOf(read(original));
  if (hash === current) return null;
  return (
    `${original} has changed since ${page} was translated. See what changed (git log -p ${original}), bring the ` +
    `translation up to date, then make its first line:\n<!-- Translation of ${original}, ${current} -->`
  );
}

function headOf(page: string, text: string): { readonly original: string; readonly hash: string } {
  const [, original, hash] = /^<!-- Translation of (\S+), ([\da-f]{12}) -->\n/.exec(text) ?? [];
  if (original === undefined || hash === undefined) {
    throw new Error(`The first line of ${page} must be: <!-- Translation of PAGE, HASH -->`);
  }
  return { original, hash };
}

/** The first digits of the SHA-256 of a page. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function samplesOf(text: string): readonly string[] {
  return [...text.matchAll(/^```(?:ts|js|json|sh|xml|diff)\b[^]*?^```$/gm)].map(([sample]) => sample);
}

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}
