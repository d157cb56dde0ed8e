import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createObsConnection, fetchTransport, uploadFile$ } from '../../../lib/index.js';
import { serve, type Terminal } from '../../../lib/server/serve.js';
import { AsyncSubject, lastValueFrom } from 'rxjs';

interface Run {
  readonly printed: () => string;
  readonly errors: () => string;
  readonly ended: Promise<number>;
  readonly listens: Promise<unknown>;
  readonly interrupt: () => void;
}

function run(...args: readonly string[]): Run {
  const text = { printed: '', errors: '' };
  const listening$ = new AsyncSubject<void>();
  const interruption$ = new AsyncSubject<void>();
  const terminal: Terminal = {
    print: (line) => (text.printed += line),
    printError: (line) => (text.errors += line),
    interrupted: () => {
      listening$.complete();
      return lastValueFrom(interruption$, { defaultValue: undefined });
    },
  };
  const ended = serve(args, terminal);
  return {
    printed: () => text.printed,
    errors: () => text.errors,
    ended,
    listens: Promise.race([lastValueFrom(listening$, { defaultValue: undefined }), ended]),
    interrupt: () => interruption$.complete(),
  };
}

describe('rx-obs-upload serve', () => {
  let directory: string;

  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'rx-obs-upload-'))));
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('prints a server, credentials and a bucket for an upload, and ends when interrupted', async () => {
    const { printed, listens, interrupt, ended } = run('serve', '--port', '0', '--directory', directory);
    await listens;
    const valueOf = (name: string): string => new RegExp(`^  ${name} +(\\S+)$`, 'm').exec(printed())?.[1] ?? '';
    const obs = createObsConnection({
      server: valueOf('Server'),
      addressing: 'path',
      credentials: { accessKeyId: valueOf('Access key'), secretAccessKey: valueOf('Secret access key') },
      transport: fetchTransport(),
    });
    await lastValueFrom(uploadFile$(obs, { bucket: valueOf('Bucket'), key: 'a.txt', sourceFile: new Blob(['text']) }));
    expect(await readFile(join(valueOf('Objects'), 'a.txt'), 'utf8')).toBe('text');
    interrupt();
    expect(await ended).toBe(0);
    await expect(fetch(valueOf('Server'))).rejects.toThrow();
  });

  it('prints help', async () => {
    const { printed, ended } = run('--help');
    expect(await ended).toBe(0);
    expect(printed()).toMatch(/--port N.*--directory D/s);
  });

  it.each([
    [[], 'The only command is serve.'],
    [['upload'], 'The only command is serve.'],
    [['serve', '--port', '70000'], '--port must be a whole number from 0 to 65535, not "70000".'],
    [['serve', '--port', 'x'], '--port must be a whole number from 0 to 65535, not "x".'],
    [['serve', '--directory', ''], '--directory must name a directory.'],
    [['serve', '--colour'], "Unknown option '--colour'."],
  ])('rejects %j, and prints its usage', async (args, message) => {
    const { errors, ended } = run(...args);
    expect(await ended).toBe(1);
    expect(errors()).toBe(`${message}\nUsage: rx-obs-upload serve [--port N] [--directory D]\n`);
  });

  it('reports that a port is taken', async () => {
    const first = run('serve', '--port', '0', '--directory', directory);
    await first.listens;
    const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(first.printed()) ?? [];
    const second = run('serve', '--port', port, '--directory', join(directory, 'other'));
    expect(await second.ended).toBe(1);
    expect(second.errors()).toContain(`Port ${port} of 127.0.0.1 is taken by another program.`);
    first.interrupt();
    await first.ended;
  });
});
