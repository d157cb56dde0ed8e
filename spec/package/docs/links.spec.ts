import { deadLinks, linkedPages } from './dead-links.js';

it('no link of the README, the guides and their neighbours is dead', () => {
  expect(linkedPages().flatMap((page) => deadLinks(page))).toEqual([]);
});

it('a dead one is told by its page and line', () => {
  const text = [
    '[a page](reliability.md), [a heading](reliability.md#promises), [a folder](decisions), [far](https://example.com)',
    '[no page](nothing.md)',
    '[no heading](reliability.md#nothing), [none here](#here)',
    '[out](../../x.md) `[code](nothing.md)`',
    '```md\n[code](nothing.md)\n```',
    '# There',
    '[there](#there)',
  ];
  expect(deadLinks('docs/page.md', text.join('\n'))).toEqual([
    'docs/page.md:2: nothing.md',
    'docs/page.md:3: reliability.md#nothing',
    'docs/page.md:3: #here',
    'docs/page.md:4: ../../x.md',
  ]);
});
