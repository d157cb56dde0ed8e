import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { on } from 'rx-obs-upload/server';
import { credentials } from './support/credentials.js';
import { makeFile, makeFolder, MIB, sha256 } from './support/files.js';
import { BUCKET, startLocalPage, type LocalPage } from './support/local-page.js';
import { runScript, type RunningScript } from './support/scripts.js';
import { until } from './support/until.js';

describe('npm run upload with several files', () => {
  const folder = makeFolder();
  const checkpoints = join(folder.path, 'checkpoints');
  let server: LocalPage;
  let script: RunningScript | null = null;

  beforeAll(async () => {
    mkdirSync(join(folder.path, 'album', 'day 1'), { recursive: true });
    server = await startLocalPage(join(folder.path, 'obs'));
  });

  afterAll(async () => {
    script?.signal('SIGKILL');
    await script?.ended;
    await server.close();
    folder.remove();
  });

  function upload(...args: readonly string[]): RunningScript {
    script = runScript('upload.mjs', ['--checkpoints', checkpoints, '--part-size', '1MiB', ...args], {
      OBS_SERVER: server.obsUrl,
      OBS_BUCKET: BUCKET,
      OBS_ACCESS_KEY_ID: credentials.accessKeyId,
      OBS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    });
    return script;
  }

  it('uploads files and folders; when run again after an interruption, sends only the rest', async () => {
    const film = makeFile(join(folder.path, 'film.mp4'), 4 * MIB);
    const sea = makeFile(join(folder.path, 'album', 'day 1', 'sea.jpg'), 1000);
    makeFile(join(folder.path, 'album', 'plan.txt'), 10);
    const args = [film, `${join(folder.path, 'album')}/`];
    server.holdFrom(3);
    const stopped = upload(...args);
    await until('two parts are stored', () => server.acknowledged().length === 2);
    stopped.signal('SIGINT');
    expect(await stopped.ended).toBe(130);
    expect(stopped.stderr()).toMatch(/ of 3 files are uploaded, .* Run the same command again to send the rest\.\n$/);
    server.release();
    const resumed = upload(...args);
    expect(await resumed.ended).toBe(0);
    expect(resumed.stdout()).toContain('Uploaded film.mp4 (4.0 MiB).\n');
    expect(await sha256(server.objectPath('film.mp4'))).toBe(await sha256(film));
    expect(await sha256(server.objectPath('album/day 1/sea.jpg'))).toBe(await sha256(sea));
    expect([...server.acknowledged()].sort()).toEqual([1, 2, 3, 4]);
    expect(readdirSync(checkpoints)).toEqual([]);
  });

  it('reports the file that failed, uploads the others, and exits with 1', async () => {
    const [bad, good] = ['bad.txt', 'well.txt'].map((name) => makeFile(join(folder.path, name), 10)) as [
      string,
      string,
    ];
    server.addFaults(on('putObject', { when: ({ key }) => key === 'bad.txt' }).respond(403, 'AccessDenied'));
    const run = upload(bad, good);
    expect(await run.ended).toBe(1);
    expect(run.stdout()).toMatch(/^bad\.txt: .*AccessDenied/m);
    expect(run.stdout()).toContain('Uploaded well.txt (10 bytes).\n');
    expect(run.stderr()).toMatch(/^1 of 2 files are uploaded, .* Run the same command again to send the rest\.\n$/);
    expect(await sha256(server.objectPath('well.txt'))).toBe(await sha256(good));
    const again = upload(bad, good);
    expect(await again.ended).toBe(0);
  });

  it('uploads nothing when a file is named twice', async () => {
    const inner = makeFile(join(folder.path, 'album', 'inner.txt'), 10);
    const run = upload(inner, `${join(folder.path, 'album')}/`);
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toBe(`${inner} is named twice: by itself and in a folder, or in two.\n`);
    expect(() => server.objectPath('inner.txt')).toThrow('has no object');
  });

  it('rejects a missing file, and --key with several files', async () => {
    const good = makeFile(join(folder.path, 'good.txt'), 10);
    const missing = upload(good, join(folder.path, 'nothing'));
    expect(await missing.ended).toBe(1);
    expect(missing.stderr()).toMatch(/nothing does not exist\.\n$/);
    const refused = upload(good, join(folder.path, 'album'), '--key', 'k');
    expect(await refused.ended).toBe(1);
    expect(refused.stderr()).toBe('--key and --restart are for one file.\n');
  });
});
