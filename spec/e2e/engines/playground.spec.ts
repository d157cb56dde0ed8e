import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, Tab } from '../support/engines/engine.js';
import { makeFile, makeFolder } from '../support/files.js';
import { engines } from '../support/hosts.js';
import { listen, type Listening } from '../support/listen.js';
import { until } from '../support/until.js';

const FOLDER = join(__dirname, '..', '..', '..', 'build', 'playground');
const TYPES: Readonly<Record<string, string>> = { html: 'text/html', css: 'text/css', js: 'text/javascript' };

/** Parts of the smallest size, so that the upload takes only seconds. */
const PARTS = 20;
const FILE_BYTES = PARTS * 102_400;

describe.each(engines)('$name, playground', ({ start }) => {
  const folder = makeFolder();
  let engine: Engine;
  let site: Listening;
  let tab: Tab;

  beforeAll(async () => {
    engine = await start();
    site = await listen((request, response) => {
      const name = request.url?.slice(1) || 'index.html';
      readFile(join(FOLDER, name)).then(
        (content) => response.writeHead(200, { 'Content-Type': TYPES[name.split('.').at(-1) ?? ''] }).end(content),
        () => response.writeHead(404).end(),
      );
    });
    tab = await engine.open(`http://localhost:${site.port}/`);
  });

  afterAll(async () => {
    await tab.close();
    await engine.close();
    await site.close();
    folder.remove();
  });

  const text = (id: string): Promise<unknown> => tab.run(`document.querySelector('[data-testid=${id}]').textContent`);
  const press = (id: string): Promise<unknown> => tab.run(`document.querySelector('[data-testid=${id}]').click()`);
  const cells = (status: string): string =>
    `document.querySelectorAll('[data-testid=part-grid] [data-status=${status}]').length`;
  const count = async (status: string): Promise<number> => Number(await tab.run(cells(status)));
  /** Acts in the page as soon as the condition holds: the upload continues however long a driver takes to respond. */
  const actWhen = (condition: string, action: string): Promise<unknown> =>
    tab.run(`void new MutationObserver((_, observer) => {
      if (!(${condition})) return;
      observer.disconnect();
      ${action};
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })`);
  const pressWhen = (condition: string, id: string): Promise<unknown> =>
    actWhen(condition, `document.querySelector('[data-testid=${id}]').click()`);

  it('uploads through a broken network and a pause, without any server', async () => {
    await actWhen(`${cells('sending')} > 0`, 'window.isSending = true');
    await press('generate');
    await until('the generated file is being uploaded', () => tab.run('window.isSending === true'));

    const isFilm = `document.querySelector('[data-testid=name]').textContent.includes('film.mp4')`;
    // Until then the parts of the previous file are shown.
    const hasItsParts = `document.querySelectorAll('[data-testid=part-grid] [data-status]').length === ${PARTS}`;
    await pressWhen(`${isFilm} && ${hasItsParts} && ${cells('done')} >= 4`, 'break');
    await tab.choose(makeFile(join(folder.path, 'film.mp4'), FILE_BYTES));
    await until('another file replaces it', () => tab.run(isFilm));
    await until('all parts under way are retried', async () => (await count('retrying')) === 4);
    const stored = await count('done');
    expect(stored).toBeGreaterThanOrEqual(4);
    await pressWhen(`${cells('done')} > ${stored}`, 'toggle');
    await press('break');
    await until('it is paused, with more parts stored', async () => (await text('status')) === 'Paused');
    expect(await count('done')).toBeGreaterThan(stored);
    await press('refuse');
    await press('toggle');
    await until('it is completed', async () => (await text('status')) === 'Completed');
    await until('the content is compared', async () =>
      String(await text('content')).startsWith('Identical to the file'),
    );

    expect(await count('done')).toBe(PARTS);
    expect(await text('log')).toMatch(/SlowDown, attempt 1.*Resumed: the store already has.*network, attempt 1/);
  });
});
