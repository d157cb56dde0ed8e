import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { on } from 'rx-obs-upload/server';
import { makeFile, makeFolder, MIB, sha256 } from './support/files.js';
import { credentials } from './support/credentials.js';
import { BUCKET, startLocalPage, type LocalPage } from './support/local-page.js';
import { runScript, type RunningScript } from './support/scripts.js';
import { until } from './support/until.js';

describe('npm run upload: input, output and the checkpoint folder', () => {
  const folder = makeFolder();
  const checkpoints = join(folder.path, 'checkpoints');
  const started: RunningScript[] = [];
  const servers: LocalPage[] = [];

  afterEach(async () => {
    for (const script of started.splice(0)) {
      script.signal('SIGKILL');
      await script.ended;
    }
    await Promise.all(servers.splice(0).map((server) => server.close()));
    for (const name of ['checkpoints', 'obs']) rmSync(join(folder.path, name), { recursive: true, force: true });
  });

  afterAll(() => folder.remove());

  async function start(...faults: Parameters<typeof startLocalPage>[1] & object): Promise<LocalPage> {
    const server = await startLocalPage(join(folder.path, 'obs'), faults);
    servers.push(server);
    return server;
  }

  function upload(server: LocalPage, ...args: readonly string[]): RunningScript {
    const script = runScript(
      'upload.mjs',
      ['--checkpoints', checkpoints, '--part-size', '1MiB', ...args],
      envOf(server),
    );
    started.push(script);
    return script;
  }

  function envOf(server: LocalPage): NodeJS.ProcessEnv {
    return {
      OBS_SERVER: server.obsUrl,
      OBS_BUCKET: BUCKET,
      OBS_ACCESS_KEY_ID: credentials.accessKeyId,
      OBS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
  }

  it('prints no escape sequences from a server', async () => {
    const message = '\u001b]0;owned\u0007\u001b[2J\u009b31mdone\rUploaded \u202eall';
    const server = await start(on('initiateMultipartUpload').respond(403, 'AccessDenied', { message }));
    const script = upload(server, makeFile(join(folder.path, 'a.bin'), 3 * MIB));
    expect(await script.ended).toBe(1);
    expect(script.stderr()).toContain('AccessDenied');
    expect(script.output()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(script.stderr().trim().split('\n')).toHaveLength(1);
  });

  function uploadInput(server: LocalPage, input: Readable): RunningScript {
    const args = ['--checkpoints', checkpoints, '--part-size', '1MiB', '-', '--key', 'input.bin'];
    const script = runScript('upload.mjs', args, envOf(server), input);
    started.push(script);
    return script;
  }

  it('uploads standard input as it arrives', async () => {
    const server = await start();
    const file = makeFile(join(folder.path, 'i.bin'), 3 * MIB + 5);
    const bytes = readFileSync(file);
    const input = new PassThrough();
    const script = uploadInput(server, input);
    input.write(bytes.subarray(0, 2 * MIB));
    await until('a part is stored', () => server.acknowledged().length > 0);
    // Its size is unknown until it ends.
    expect(script.output()).not.toContain('%');
    input.end(bytes.subarray(2 * MIB));
    expect(await script.ended).toBe(0);
    expect(script.output()).toContain('Uploaded standard input (3.0 MiB) to');
    expect(await sha256(server.objectPath('input.bin'))).toBe(await sha256(file));
  });

  it('requires a key for standard input', async () => {
    const server = await start();
    const script = runScript('upload.mjs', ['-'], envOf(server), Readable.from([]));
    started.push(script);
    expect(await script.ended).toBe(1);
    expect(script.stderr()).toBe('Name the object: upload - --key KEY.\n');
  });

  it('prints a line for each request with --verbose, without its URL', async () => {
    const server = await start(on('uploadPart', { partNumber: 2 }).respond(503, 'SlowDown'));
    const script = upload(server, '--verbose', makeFile(join(folder.path, 'v.bin'), 3 * MIB));
    expect(await script.ended).toBe(0);
    expect(script.output()).toMatch(/^initiateMultipartUpload: 200, in \d+ ms/m);
    expect(script.output()).toMatch(/^uploadPart 2: 503 service, /m);
    expect(script.output()).toMatch(/^uploadPart 2, attempt 2: 200, 1\.0 MiB in \d+ ms/m);
    expect(script.output()).toMatch(/^completeMultipartUpload: 200, /m);
    expect(script.output()).not.toMatch(/uploadId=|Signature/);
  });

  it('does not follow a symbolic link in place of a checkpoint', async () => {
    const server = await start();
    const file = makeFile(join(folder.path, 'b.bin'), 5 * MIB);
    server.holdFrom(3);
    const stopped = upload(server, '--task-num', '1', file);
    await until('two parts are stored', () => server.acknowledged().length === 2);
    stopped.signal('SIGINT');
    expect(await stopped.ended).toBe(130);
    server.release();
    const outside = join(folder.path, 'outside');
    writeFileSync(outside, 'mine');
    const [name = ''] = readdirSync(checkpoints);
    rmSync(join(checkpoints, name));
    symlinkSync(outside, join(checkpoints, name));
    const refused = upload(server, file);
    expect(await refused.ended).toBe(1);
    expect(refused.stderr()).toMatch(/^What an earlier run left in [^\n]* cannot be read \(ELOOP\): [^\n]*\n$/);
    expect(await upload(server, '--restart', file).ended).toBe(0);
    expect(readFileSync(outside, 'utf8')).toBe('mine');
    expect(readdirSync(checkpoints)).toEqual([]);
  });

  it('warns that a checkpoint cannot be saved, and uploads the file', async () => {
    const server = await start();
    const file = makeFile(join(folder.path, 'c.bin'), 3 * MIB);
    // Nothing can be read there, and no folder can be created.
    symlinkSync(join(folder.path, 'nowhere', 'at-all'), checkpoints);
    const script = upload(server, file);
    expect(await script.ended).toBe(0);
    expect(script.output()).toMatch(/^Warning: The upload [^\n]*checkpoint[^\n]*$/m);
    expect(script.output()).not.toMatch(/\n\s+at /);
    expect(await sha256(server.objectPath('c.bin'))).toBe(await sha256(file));
  });

  it('reports that the checkpoint folder cannot be used', async () => {
    const server = await start();
    writeFileSync(checkpoints, 'a file in the place of the folder');
    const script = upload(server, makeFile(join(folder.path, 'd.bin'), 3 * MIB));
    expect(await script.ended).toBe(1);
    expect(script.stderr()).toMatch(/^What an earlier run left in [^\n]* cannot be read \(ENOTDIR\): [^\n]*\n$/);
  });
});
