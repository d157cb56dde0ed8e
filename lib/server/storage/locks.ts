import { readFile, rm, unlink, writeFile } from 'node:fs/promises';
import type { Effect, ObsState } from '../../fake-obs/state/state.js';
import type { DiskLayout } from './disk.js';
import { hasCode } from './has-code.js';

/** Lets tasks of one name run one after the other. */
export interface Locks {
  run<T>(name: string, task: () => Promise<T>): Promise<T>;
}

export function createLocks(): Locks {
  const tails = new Map<string, Promise<unknown>>();
  return {
    async run(name, task) {
      const before = tails.get(name) ?? Promise.resolve();
      const mine = before.then(task, task);
      const tail = mine.catch(() => undefined);
      tails.set(name, tail);
      try {
        return await mine;
      } finally {
        if (tails.get(name) === tail) tails.delete(name);
      }
    },
  };
}

/** Serializes all changes of one key: of its object, and of every upload to it. */
export function lockName(bucket: string | null, key: string | null): string {
  return `${bucket ?? ''}/${key ?? ''}`;
}

export function lockNameOf(effect: Effect, { uploads }: ObsState): string {
  switch (effect.type) {
    case 'create-bucket':
      return lockName(effect.bucket.name, null);
    case 'delete-bucket':
      return lockName(effect.bucket, null);
    case 'store-part':
    case 'delete-part': {
      const upload = uploads.get(effect.uploadId);
      return lockName(upload?.bucket ?? null, upload?.key ?? null);
    }
    case 'create-upload':
    case 'abort-upload':
    case 'complete-upload':
      return lockName(effect.upload.bucket, effect.upload.key);
    case 'put-object':
    case 'delete-object':
      return lockName(effect.object.bucket, effect.object.key);
  }
}

/**
 * Takes a directory for this process: two servers would remove each other's unfinished files.
 * @returns what gives it back; a process that ended without that is recognized
 * @throws an Error for people where another process has it
 */
export async function lockDirectory({ root, owner }: DiskLayout): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await writeFile(owner, String(process.pid), { flag: 'wx' });
      // What stays is recognized at the next start.
      return () => unlink(owner).catch(() => undefined);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const pid = Number(await readFile(owner, 'utf8').catch(() => ''));
    if (isOther(pid)) {
      throw new Error(
        `The directory ${root} is in use by the process ${pid}. Stop that server, or choose another directory. ` +
          `If no server has it, delete ${owner}.`,
      );
    }
    await rm(owner, { force: true });
  }
}

/** Whether that process is running, and is not this one. */
function isOther(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It belongs to another user.
    return hasCode(error, 'EPERM');
  }
}
