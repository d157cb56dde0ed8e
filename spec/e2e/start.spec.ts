import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { makeFolder } from './support/files.js';
import { listen } from './support/listen.js';
import { runScript, type RunningScript } from './support/scripts.js';

describe('npm start', () => {
  const folder = makeFolder();
  const started: RunningScript[] = [];

  afterAll(async () => {
    for (const script of started) script.signal('SIGKILL');
    await Promise.all(started.map(({ ended }) => ended));
    folder.remove();
  });

  function start(...args: readonly string[]): RunningScript {
    const script = runScript('start.mjs', args);
    started.push(script);
    return script;
  }

  it('prints its addresses, serves the pages and the local OBS there, and stops on SIGINT', async () => {
    const directory = join(folder.path, 'new', 'store');
    const script = start('--port', '0', `--directory=${directory}`);
    const [address = '', port = ''] = await script.until(/http:\/\/localhost:(\d+)\//);
    expect(script.output()).toContain(directory);

    const html = { headers: { accept: 'text/html' } };
    const page = await fetch(address, html);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain(`connect-src 'self' http://127.0.0.1:${port}`);
    expect(script.output()).toContain(`${address}_recorder/`);
    const recorder = await fetch(`${address}_recorder/`, html);
    for (const text of [await page.text(), await recorder.text()]) {
      const assets = [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, asset = '']) => asset);
      expect(assets.length).toBeGreaterThan(2);
      for (const asset of assets) expect((await fetch(new URL(asset, address))).status).toBe(200);
    }
    expect((await fetch(`http://[::1]:${port}/`, html)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/_page/nothing.js`)).status).toBe(404);

    const settings = (await (await fetch(`http://127.0.0.1:${port}/_page/config.json`)).json()) as unknown;
    expect(settings).toMatchObject({ server: `http://localhost:${port}`, bucket: 'uploads' });
    const unsigned = await fetch(`http://127.0.0.1:${port}/uploads/some-key`);
    expect(unsigned.status).toBe(403);
    expect(await unsigned.text()).toContain('<Code>AccessDenied</Code>');

    script.signal('SIGINT');
    expect(await script.ended).toBe(0);
    await expect(fetch(address)).rejects.toThrow();
  });

  it('does not serve its credentials under another host name', async () => {
    const script = start('--port=0', '--directory', join(folder.path, 'store'));
    const [, port = ''] = await script.until(/http:\/\/localhost:(\d+)\//);
    const request = `GET /_page/credentials.json HTTP/1.1\r\nHost: evil.example:${port}\r\nConnection: close\r\n\r\n`;
    expect(await rawRequest(Number(port), request)).toMatch(/^HTTP\/1\.1 421 /);
    script.signal('SIGTERM');
    expect(await script.ended).toBe(0);
  });

  it('reports a port that is already in use', async () => {
    const { port, close } = await listen(() => undefined);
    const script = start('--port', String(port), '--directory', join(folder.path, 'store'));
    const code = await script.ended;
    await close();
    expect(code).toBe(1);
    expect(script.stderr()).toBe(`Port ${port} is taken: give another one with --port.\n`);
  });

  it('reports a folder that cannot be written to', async () => {
    const file = join(folder.path, 'a-file');
    writeFileSync(file, '');
    const script = start('--port', '0', '--directory', join(file, 'below'));
    expect(await script.ended).toBe(1);
    expect(script.stderr()).toMatch(/^Nothing can be written to .+a-file.below \(ENOTDIR\): [^\n]+\n$/);
  });

  it.each([
    [['--prot', '80'], /^Unknown option '--prot'[^\n]*\n$/],
    [['--port'], /--port[^\n]*argument missing[^\n]*\n$/],
    [['--port', 'http'], /^--port must be a whole number from 0[^\n]*, not "http"\.\n$/],
    [['--port=65536'], /^--port must be/],
    [['extra'], /^Unexpected argument 'extra'[^\n]*\n$/],
  ])('rejects %j with a one-line message', async (args, message) => {
    const script = start(...args);
    expect(await script.ended).toBe(1);
    expect(script.stderr()).toMatch(message);
    expect(script.stdout()).toBe('');
  });

  it('prints its usage with --help', async () => {
    const script = start('--help');
    expect(await script.ended).toBe(0);
    expect(script.stdout()).toMatch(/--port N[\s\S]*--directory D/);
  });
});

async function rawRequest(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.end(request);
  let response = '';
  for await (const text of socket) response += text as string;
  return response;
}
