import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentials } from './support/credentials.js';
import { makeFile, makeFolder, MIB, sha256 } from './support/files.js';
import { BUCKET, startLocalPage, type LocalPage } from './support/local-page.js';
import { refusedPort } from './support/refused-port.js';
import { runScript, type RunningScript } from './support/scripts.js';
import { until } from './support/until.js';

const PARTS = 23;
/** Its last part is half as large as the others. */
const FILM_BYTES = 22.5 * MIB;
const IN_PARTS = ['--part-size', '1MiB'] as const;

describe('npm run upload', () => {
  const folder = makeFolder();
  const checkpoints = join(folder.path, 'checkpoints');
  const started: RunningScript[] = [];
  let server: LocalPage;
  let film: string;

  beforeAll(() => {
    film = makeFile(join(folder.path, 'film.mp4'), FILM_BYTES);
  });

  beforeEach(async () => {
    server = await startLocalPage(join(folder.path, 'obs'));
  });

  afterEach(async () => {
    for (const script of started.splice(0)) {
      script.signal('SIGKILL');
      await script.ended;
    }
    await server.close();
    for (const name of ['checkpoints', 'obs']) rmSync(join(folder.path, name), { recursive: true, force: true });
  });

  afterAll(() => folder.remove());

  /** Uploads to the server in this process, which logs every request. */
  function upload(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningScript {
    const script = runScript('upload.mjs', ['--checkpoints', checkpoints, ...args], {
      OBS_SERVER: server.obsUrl,
      OBS_BUCKET: BUCKET,
      OBS_ACCESS_KEY_ID: credentials.accessKeyId,
      OBS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      ...env,
    });
    started.push(script);
    return script;
  }

  async function stopHalfway(signal: NodeJS.Signals): Promise<RunningScript> {
    server.holdFrom(13);
    const script = upload([film, ...IN_PARTS]);
    await until('twelve parts are stored and four more are on the way', () => {
      return server.acknowledged().length === 12 && server.parts().length === 16;
    });
    script.signal(signal);
    await script.ended;
    server.release();
    return script;
  }

  async function expectCompleteUpload(): Promise<void> {
    expect([...server.acknowledged()].sort((a, b) => a - b)).toEqual(Array.from({ length: PARTS }, (_, i) => i + 1));
    expect(server.arrivals().filter(({ operation }) => operation === 'initiateMultipartUpload')).toHaveLength(1);
    expect(server.parts()).toHaveLength(PARTS + 4);
    expect(await sha256(server.objectPath('film.mp4'))).toBe(await sha256(film));
    expect(readdirSync(checkpoints)).toEqual([]);
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('sends only the missing parts when run again after %s', async (signal, exitCode) => {
    const stopped = await stopHalfway(signal);
    expect(await stopped.ended).toBe(exitCode);
    expect(stopped.stderr()).toBe(
      'Cancelled with 12.0 MiB of 22.5 MiB on the server. Run the same command again to send the rest.\n',
    );
    const [name = ''] = readdirSync(checkpoints);
    expect(readFileSync(join(checkpoints, name), 'utf8')).not.toContain(credentials.secretAccessKey);

    const resumed = upload([film]);
    expect(await resumed.ended).toBe(0);
    expect(resumed.stdout()).toContain('Resuming: 12.0 MiB of 22.5 MiB are on the server already.');
    expect(resumed.stdout()).toMatch(
      /Uploaded .*film\.mp4 \(22\.5 MiB\) to uploads\/film\.mp4: ETag [0-9a-f]{32}-23, checked by its ETag\.\n$/,
    );
    await expectCompleteUpload();
  });

  it('sends only the missing parts when run again after being killed', async () => {
    const killed = await stopHalfway('SIGKILL');
    expect(await killed.ended).toBeNull();
    expect(await upload([film]).ended).toBe(0);
    await expectCompleteUpload();
  });

  it('prints progress as plain lines without a terminal', async () => {
    const script = upload([
      makeFile(join(folder.path, 'a.bin'), 3 * MIB),
      ...IN_PARTS,
      '--task-num=2',
      '--key',
      'in/a b.bin',
    ]);
    expect(await script.ended).toBe(0);
    expect(script.output()).not.toContain('\u001b');
    expect(server.acknowledged()).toHaveLength(3);
    expect(await sha256(server.objectPath('in/a b.bin'))).toBe(await sha256(join(folder.path, 'a.bin')));
  });

  it('sends small and empty files with one PUT each, and stores no checkpoint', async () => {
    for (const size of [10, 0]) {
      expect(await upload([makeFile(join(folder.path, `small-${size}`), size)]).ended).toBe(0);
      expect(await sha256(server.objectPath(`small-${size}`))).toBe(await sha256(join(folder.path, `small-${size}`)));
    }
    expect(server.arrivals().map(({ operation }) => operation)).toEqual(['putObject', 'putObject']);
    expect(() => readdirSync(checkpoints)).toThrow('ENOENT');
  });

  it('refuses to resume with a changed file; --restart starts over and leaves no parts behind', async () => {
    await stopHalfway('SIGINT');
    utimesSync(film, new Date(), new Date(Date.now() - 60_000));
    const refused = upload([film]);
    expect(await refused.ended).toBe(1);
    expect(refused.stderr()).toBe(
      `${film} is not the file whose upload began: --restart gives that upload up and starts over.\n`,
    );
    expect(server.parts()).toHaveLength(16);

    expect(await upload([film, '--restart']).ended).toBe(0);
    expect(
      server.arrivals().filter(({ operation, status }) => operation === 'abortMultipartUpload' && status === 204),
    ).toHaveLength(1);
    expect(await sha256(server.objectPath('film.mp4'))).toBe(await sha256(film));
    expect(readdirSync(checkpoints)).toEqual([]);
  });

  it('reports a damaged checkpoint file; --restart starts over', async () => {
    const file = makeFile(join(folder.path, 'b.bin'), 2 * MIB);
    server.holdFrom(2);
    const script = upload([file, ...IN_PARTS]);
    await until('a part is stored', () => server.acknowledged().length === 1);
    script.signal('SIGINT');
    await script.ended;
    server.release();
    const [name = ''] = readdirSync(checkpoints);
    writeFileSync(join(checkpoints, name), '{"version":1');
    const refused = upload([file]);
    expect(await refused.ended).toBe(1);
    expect(refused.stderr()).toMatch(/^The checkpoint cannot be used: [^\n]*--restart[^\n]*\n$/);
    expect(await upload([file, '--restart']).ended).toBe(0);
  });

  describe('exits with 1 and a one-line error message for', () => {
    it.each<[string, () => readonly string[], NodeJS.ProcessEnv, RegExp]>([
      ['no file argument', () => [], {}, /^Name the file to upload: upload FILE\.\n$/],
      ['the same file twice', () => [film, film], {}, /film\S* is given twice\.\n$/],
      ['an unknown option', () => [film, '--bucket', 'b'], {}, /^Unknown option '--bucket'[^\n]*\n$/],
      [
        'an invalid part size',
        () => [film, '--part-size', 'big'],
        {},
        /^--part-size must be a size such as 9MiB, not "big"\.\n$/,
      ],
      ['a part size that is too small', () => [film, '--part-size', '5'], {}, /^partSize[^\n]*\n$/],
      [
        'a concurrency of 0',
        () => [film, '--task-num', '0'],
        {},
        /^--task-num must be a whole number from 1, not "0"\.\n$/,
      ],
      ['a file that does not exist', () => [join(folder.path, 'nothing')], {}, /nothing does not exist\.\n$/],
      ['a directory', () => [folder.path], {}, /is a directory, not a file\.\n$/],
      ['an unset bucket', () => [film], { OBS_BUCKET: '' }, /^OBS_BUCKET is not set: [^\n]*\n$/],
      ['an invalid server URL', () => [film], { OBS_SERVER: 'obs' }, /^[^\n]*server[^\n]*\n$/],
      ['a wrong secret key', () => [film], { OBS_SECRET_ACCESS_KEY: 'wrong' }, /^[^\n]*SignatureDoesNotMatch[^\n]*\n$/],
      ['an unknown access key', () => [film], { OBS_ACCESS_KEY_ID: 'who' }, /^[^\n]*InvalidAccessKeyId[^\n]*\n$/],
      ['a bucket that does not exist', () => [film], { OBS_BUCKET: 'elsewhere' }, /^[^\n]*NoSuchBucket[^\n]*\n$/],
    ])('%s', async (_, args, env, message) => {
      const script = upload(args(), env);
      expect(await script.ended).toBe(1);
      expect(script.stderr()).toMatch(message);
      expect(script.stderr().trim().split('\n')).toHaveLength(1);
    });

    it('a server that refuses connections', async () => {
      const file = makeFile(join(folder.path, 'c.bin'), 100);
      const { port, release } = await refusedPort();
      const script = upload([file], { OBS_SERVER: `http://127.0.0.1:${port}` });
      expect(await script.ended).toBe(1);
      await release();
      expect(script.stderr()).toMatch(/^No response came[^\n]*ECONNREFUSED[^\n]*\n$/);
    });
  });

  describe('without OBS_SERVER', () => {
    function uploadLocally(args: readonly string[], port: number): RunningScript {
      const directory = join(folder.path, 'obs');
      const localOptions = ['--port', String(port), '--directory', directory, '--checkpoints', checkpoints];
      const script = runScript('upload.mjs', [...localOptions, ...args]);
      started.push(script);
      return script;
    }

    it('uses a local OBS that is already running', async () => {
      const script = uploadLocally([makeFile(join(folder.path, 'd.bin'), 100)], server.port);
      expect(await script.ended).toBe(0);
      expect(server.arrivals().map(({ operation }) => operation)).toEqual(['putObject']);
    });

    it('starts a local OBS, and resumes with a new one after both are killed', async () => {
      const { port } = server;
      await server.close();
      const file = makeFile(join(folder.path, 'e.bin'), 40 * MIB);
      // Hundreds of parts, sent one after the other, are still to come when the checkpoint has the first one.
      const killed = uploadLocally([file, '--part-size', '100KiB', '--task-num', '1'], port);
      await until('a checkpoint is stored', () => {
        try {
          return readdirSync(checkpoints).some((name) => name.endsWith('.json'));
        } catch {
          return false;
        }
      });
      killed.signal('SIGKILL');
      expect(await killed.ended).toBeNull();
      const resumed = uploadLocally([file], port);
      expect(await resumed.ended).toBe(0);
      expect(await sha256(join(folder.path, 'obs', 'objects', BUCKET, 'e.bin'))).toBe(await sha256(file));
      server = await startLocalPage(join(folder.path, 'obs'));
    });
  });

  it('prints its usage with --help', async () => {
    const script = runScript('upload.mjs', ['--help']);
    started.push(script);
    expect(await script.ended).toBe(0);
    expect(script.stdout()).toMatch(/OBS_SECURITY_TOKEN[\s\S]*--directory D/);
  });
});
