import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/browser.js';
import { runScript } from '../support/scripts.js';
import { until } from '../support/until.js';

const SITE = join(__dirname, '..', '..', '..', 'build', 'docs');

/** What newcomers search for, and the pages one of which has to be among the first three results. */
const QUESTIONS: readonly (readonly [question: string, pages: RegExp])[] = [
  ['CORS', /^The bucket's CORS rule$/],
  ['403', /^Troubleshooting$|^Errors$/],
  ['STS', /^Temporary credentials from Huawei Cloud/],
  ['refresh credentials', /^Temporary credentials from Huawei Cloud|^Signing without secrets/],
  ['pause', /^Resume$|^An upload queue$/],
  ['progress stays at 0', /^Troubleshooting$/],
  ['resume after reload', /^Resume$/],
  ['ETag hidden', /^The bucket's CORS rule$|^Troubleshooting$/],
  ['Angular', /^Angular$/],
  ['presigned URL', /^Signing without secrets|^Showing or downloading|^A backend that signs$/],
  ['跨域', /^桶的 CORS 规则$/],
  ['断点续传', /^断点续传$/],
];

describe('the documentation site', () => {
  let browser: Browser;
  let page: Page;
  let files: readonly string[];

  beforeAll(async () => {
    expect(await runScript('docs.mjs', []).ended).toBe(0);
    files = readdirSync(SITE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
    browser = await launchChromium();
    page = await browser.newPage();
  });

  afterAll(() => browser.close());

  it("finds a page for each newcomer's question within three results", async () => {
    await page.goto(addressOf('index.html'));
    await page.click('#tsd-search-trigger');
    const missed: string[] = [];
    for (const [question, pages] of QUESTIONS) {
      await page.fill('#tsd-search-input', '');
      await page.locator('#tsd-search-results li').first().waitFor({ state: 'detached' });
      // A question typed before the index is loaded has no results, so it is typed again.
      await until(`there are results for ${question}`, async () => {
        await page.fill('#tsd-search-input', question);
        const result = page.locator('#tsd-search-results li').first();
        return result.waitFor({ timeout: 5000 }).then(
          () => true,
          () => false,
        );
      });
      const results = (await page.locator('#tsd-search-results li').allInnerTexts()).map((text) => text.trim());
      if (!results.slice(0, 3).some((title) => pages.test(title))) missed.push(`${question}: ${results.join(' | ')}`);
    }
    expect(missed).toEqual([]);
  });

  it('has no dead links or images', () => {
    const anchors = new Map<string, ReadonlySet<string>>();
    const anchorsOf = (path: string): ReadonlySet<string> => {
      const known = anchors.get(path) ?? new Set(matches(readFileSync(path, 'utf8'), / id="([^"]+)"/g));
      anchors.set(path, known);
      return known;
    };
    const isDead = (file: string, link: string): boolean => {
      const [path = '', anchor = ''] = link.split('#', 2);
      const found = path === '' ? join(SITE, file) : resolve(SITE, dirname(file), decodeURIComponent(path));
      const target = path.endsWith('/') ? join(found, 'index.html') : found;
      if (!existsSync(target) || !statSync(target).isFile()) return true;
      return anchor !== '' && target.endsWith('.html') && !anchorsOf(target).has(decodeURIComponent(anchor));
    };
    const dead = files.flatMap((file) =>
      matches(readFileSync(join(SITE, file), 'utf8'), /<(?:a|img|link|script)\b[^>]*? (?:href|src)="([^"]+)"/g)
        .map((link) => link.replaceAll('&amp;', '&').replace(/\?cache=.*$/, ''))
        .filter((link) => !/^[a-z]+:/.test(link) && isDead(file, link))
        .map((link) => `${file}: ${link}`),
    );
    expect(dead).toEqual([]);
  });

  it('cuts off no code and is no wider than the window, on a phone and on a desktop', async () => {
    const cut: string[] = [];
    const pages = files.filter((name) => /^(?:index|playground|documents)\b/.test(name));
    for (const file of pages) {
      await page.goto(addressOf(file), { waitUntil: 'domcontentloaded' });
      for (const width of [390, 1300]) {
        await page.setViewportSize({ width, height: 900 });
        const tooWide = await page.evaluate(() => {
          document.body.style.display = 'block';
          const code = [...document.querySelectorAll('pre')].filter((pre) =>
            pre.querySelector('code[class]:not(.text)'),
          );
          return [document.documentElement, ...code].filter((each) => each.scrollWidth > each.clientWidth).length;
        });
        if (tooWide > 0) cut.push(`${file} at ${width} px`);
      }
    }
    expect(cut).toEqual([]);
  });
});

function addressOf(file: string): string {
  return pathToFileURL(join(SITE, file)).href;
}

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}
