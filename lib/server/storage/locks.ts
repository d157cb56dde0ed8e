import type { Effect, ObsState } from '../../fake-obs/state/state.js';

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
