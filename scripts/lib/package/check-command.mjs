import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProject } from '../project.mjs';

const MAX_MS = 240_000;

/** `npx TARBALL serve` in an empty folder, as somebody runs it who has not installed the package; one upload to it; Ctrl-C. */
export async function checkCommand(tarball) {
  const folder = mkdtempSync(join(tmpdir(), 'rx-obs-upload-command-'));
  const args = ['--yes', `--package=${tarball}`, '--', 'rx-obs-upload', 'serve', '--port', '0'];
  // In a process group of its own: Ctrl-C reaches npx and what npx has started.
  const child = spawn('npx', args, { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    let printed = '';
    const ended = new Promise((resolve) => child.once('close', resolve));
    const listens = new Promise((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          printed += text;
          if (printed.includes('Ctrl-C')) resolve();
        });
      }
    });
    const tooLong = new Promise((resolve) => setTimeout(resolve, MAX_MS).unref());
    await Promise.race([listens, ended, tooLong]);
    const valueOf = (name) => new RegExp(`^  ${name} +(\\S+)$`, 'm').exec(printed)?.[1];
    const accessKeyId = valueOf('Access key');
    if (accessKeyId === undefined) return [`it printed no credentials, but: ${printed}`];
    const credentials = { accessKeyId, secretAccessKey: valueOf('Secret access key') };
    await upload({ server: valueOf('Server'), bucket: valueOf('Bucket'), credentials });
    const isStored = existsSync(join(folder, '.obs', 'objects', valueOf('Bucket'), 'a.txt'));
    process.kill(-child.pid, 'SIGINT');
    const outcome = await Promise.race([ended.then(() => 'ended'), tooLong]);
    return [
      ...(isStored ? [] : ['what was uploaded is not among its files']),
      ...(outcome === 'ended' ? [] : ['Ctrl-C does not end it']),
    ];
  } finally {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function upload({ server, bucket, credentials }) {
  const { createObsConnection, uploadFile$ } = await import(inProject('dist/esm/index.js'));
  const { lastValueFrom } = await import('rxjs');
  const obs = createObsConnection({ server, addressing: 'path', credentials });
  await lastValueFrom(uploadFile$(obs, { bucket, key: 'a.txt', sourceFile: new Blob(['a text']) }));
}
