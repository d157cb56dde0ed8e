import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadLinks, linkedPages } from './dead-links.js';
import { root } from './read-samples.js';

it('the README, the guides and the other documents have no dead links', () => {
  expect(linkedPages().flatMap((page) => deadLinks(page))).toEqual([]);
});

it.each(['README.md', 'README.zh-CN.md'])('%s has no relative links: npm shows it without other files', (page) => {
  const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(
    ([, target = '']) => target,
  );
  expect(links.filter((target) => !/^(?:https:|#)/.test(target))).toEqual([]);
});

it('addresses of CDNs name the version of package.json', () => {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>;
  const addresses = linkedPages().flatMap((page) => [
    ...readFileSync(join(root, page), 'utf8').matchAll(/cdn\.jsdelivr\.net\/npm\/(rx-obs-upload@[^/]+)/g),
  ]);
  expect(new Set(addresses.map(([, found]) => found))).toEqual(new Set([`${name}@${version}`]));
});

it('a dead link is reported with its page and line', () => {
  const text = [
    '[a page](reliability.md), [a heading](reliability.md#promises), [a folder](decisions), [far](https://example.com)',
    '[no page](nothing.md)',
    '[no heading](reliability.md#nothing), [none here](#here)',
    '[out](../../x.md) `[code](nothing.md)`',
    '```md\n[code](nothing.md)\n```',
    'https://github.com [own](https://github.com/rx-obs-upload/rx-obs-upload/blob/main/docs/stores.md)',
    '[own and gone](https://github.com/rx-obs-upload/rx-obs-upload/blob/main/docs/nothing.md)',
    '# There',
    '[there](#there)',
  ];
  expect(deadLinks('docs/page.md', text.join('\n'))).toEqual([
    'docs/page.md:2: nothing.md',
    'docs/page.md:3: reliability.md#nothing',
    'docs/page.md:3: #here',
    'docs/page.md:4: ../../x.md',
    'docs/page.md:9: https://github.com/rx-obs-upload/rx-obs-upload/blob/main/docs/nothing.md',
  ]);
});
