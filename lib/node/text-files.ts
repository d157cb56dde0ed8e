import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { wallNow } from '../time.js';

/** Undefined on Windows, which counts as 0: creating a link needs an administrator there. */
const NO_FOLLOW = constants.O_NOFOLLOW;

/** null if there is no such file; fails if a symbolic link is in its place */
export async function readTextOf(path: string): Promise<string | null> {
  try {
    const file = await open(path, constants.O_RDONLY | NO_FOLLOW);
    try {
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** All files of a directory with that suffix; unreadable ones are left out. */
export async function readTexts(directory: string, suffix: string): Promise<readonly string[]> {
  const names = await namesIn(directory);
  const texts: string[] = [];
  // One by one: a thousand open files would be too many for some systems.
  for (const name of names.filter((each) => each.endsWith(suffix))) {
    const text = await readTextOf(join(directory, name)).catch(() => null);
    if (text !== null) texts.push(text);
  }
  return texts;
}

/** Written to a draft and renamed, so that no reader sees a partial file; flushed to disk before it completes. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = `${path}${draftEnding()}`;
  try {
    // Fails if anything has that name, even a symbolic link.
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/**
 * Removes drafts of files with that suffix, left by processes that were killed: at once if that is known, otherwise
 * when they are old, as another machine that shares the directory may be writing them.
 */
export async function removeDrafts(directory: string, suffix: string): Promise<void> {
  for (const name of await namesIn(directory)) {
    const [stem = '', host = '', pid = ''] =
      /^(.*)\.([0-9a-f]{8})-(\d+)-[0-9a-f-]{36}\.tmp$/.exec(name)?.slice(1) ?? [];
    if (!stem.endsWith(suffix) || stem === '') continue;
    const path = join(directory, name);
    const isLeft = host === HOST ? !isRunning(Number(pid)) : await isOld(path);
    if (isLeft) await rm(path, { force: true });
  }
}

const OLD_MS = 600_000;

/** A hash, so that the host name does not appear in file names. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

function draftEnding(): string {
  return `.${HOST}-${process.pid}-${randomUUID()}.tmp`;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

async function isOld(path: string): Promise<boolean> {
  return stat(path).then(
    ({ mtimeMs }) => wallNow() - mtimeMs > OLD_MS,
    () => false,
  );
}

export function removeFile(path: string): Promise<void> {
  return rm(path, { force: true });
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
}
