import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ownFile } from './on-github.js';
import { pages, root } from './read-samples.js';

/** The pages whose links are checked: those with samples, and other documents. */
export function linkedPages(): readonly string[] {
  const examples = readdirSync(join(root, 'examples'))
    .map((name) => `examples/${name}/README.md`)
    .filter((page) => existsSync(join(root, page)));
  const others = ['CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'CODE_OF_CONDUCT.md', 'llms.txt'];
  return [...pages(), ...others.filter((page) => existsSync(join(root, page))), ...examples];
}

/** Links of a page to files or headings of this project that do not exist: `docs/a.md:7: b.md#nothing`. */
export function deadLinks(page: string, text = readFileSync(join(root, page), 'utf8')): readonly string[] {
  return withoutCode(text)
    .split('\n')
    .flatMap((line, i) =>
      [...line.matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => {
          const ownPath = ownFile(target);
          if (ownPath !== null) return isDead('README.md', text, ownPath);
          return !/^[a-z]+:/i.test(target) && isDead(page, text, target);
        })
        .map((target) => `${page}:${i + 1}: ${target}`),
    );
}

function isDead(page: string, text: string, target: string): boolean {
  const [path = '', anchor] = target.split('#', 2);
  if (path === '') return !anchorsOf(text).has(anchor ?? '');
  const file = join(root, dirname(page), decodeURIComponent(path));
  if (relative(root, file).startsWith('..') || !existsSync(file)) return true;
  if (anchor === undefined) return false;
  return statSync(file).isDirectory() || !anchorsOf(readFileSync(file, 'utf8')).has(anchor);
}

/** Anchors as GitHub makes them: lower case, no punctuation, hyphens for spaces, a number if one is repeated. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutFences(text).matchAll(/^#+ (.+)$/gm)) {
    const label = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const anchor = label
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    let name = anchor;
    for (let count = 1; anchors.has(name); count++) name = `${anchor}-${count}`;
    anchors.add(name);
  }
  return anchors;
}

/** Empties code blocks; line numbers stay the same. */
function withoutFences(text: string): string {
  return text.replace(/^```.*\n[^]*?^```$/gm, (fence) => fence.replace(/[^\n]/g, ''));
}

function withoutCode(text: string): string {
  return withoutFences(text).replace(/`[^`\n]*`/g, '');
}
