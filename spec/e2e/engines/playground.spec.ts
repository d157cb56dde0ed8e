import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, Tab } from '../support/engines/engine.js';
import { makeFile, makeFolder } from '../support/files.js';
import { engines } from '../support/hosts.js';
import { listen, type Listening } from '../support/listen.js';
import { until } from '../support/until.js';

const FOLDER = join(__dirname, '..', '..', '..', 'build', 'playground');
const TYPES: Readonly<Record<string, string>> = { html: 'text/html', css: 'text/css', js: 'text/javascript' };

/** Of the smallest part size, so that it is uploaded in seconds. */
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
  const count = async (status: string): Promise<number> =>
    Number(await tab.run(`document.querySelectorAll('[data-testid=part-grid] [data-status=${status}]').length`));

  it('uploads through a broken network and a pause, without any server', async () => {
    await press('generate');
    await until('the generated file is being uploaded', async () => (await count('sending')) > 0);

    await tab.choose(makeFile(join(folder.path, 'film.mp4'), FILE_BYTES));
    await until('another file replaces it', async () => String(await text('name')).includes('film.mp4'));
    await until('some parts are stored', async () => (await count('done')) >= 4);

    await press('break');
    await until('all parts under way are retried', async () => (await count('retrying')) === 4);
    const stored = await count('done');
    await press('break');
    await until('more parts are stored', async () => (await count('done')) > stored);

    await press('toggle');
    await until('it is paused', async () => (await text('status')) === 'Paused');
    await press('toggle');
    await press('refuse');
    await until('it is completed', async () => (await text('status')) === 'Completed');
    await until('the content is compared', async () =>
      String(await text('content')).startsWith('Identical to the file'),
    );

    expect(await count('done')).toBe(PARTS);
    expect(await text('log')).toMatch(/SlowDown, attempt 1.*Resumed: the store already has.*network, attempt 1/);
  });
});
