import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A code block of TypeScript in a page. */
export interface Sample {
  /** Path relative to the project's folder. */
  readonly page: string;
  /** The number of its first line of code, from 1. */
  readonly line: number;
  /**
   * The text after `ts` on the fence. `run`: it ends without an error, and so does each upload that it starts.
   * `spec`: it contains specs, which pass. Empty: it compiles.
   */
  readonly kind: '' | 'run' | 'spec';
  /** A module that compiles on its own. */
  readonly code: string;
}

export const root: string = join(__dirname, '..', '..', '..');

/** The pages whose samples are checked: the README and the guides, in both languages. */
export function pages(): readonly string[] {
  const guides = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  return ['README.md', 'README.zh-CN.md', ...guides.sort()].filter((page) => existsSync(join(root, page)));
}

export function readSamples(page: string): readonly Sample[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```ts(.*)\n([^]*?)^```$/gm)].map((fence) => {
    const kind = (fence[1] ?? '').trim();
    const line = text.slice(0, fence.index).split('\n').length + 1;
    if (kind !== '' && kind !== 'run' && kind !== 'spec') throw new Error(`${page}:${line - 1}: what is "${kind}"?`);
    return { page, line, kind, code: fence[2] ?? '' };
  });
}
