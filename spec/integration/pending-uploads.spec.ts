import {
  concat,
  EMPTY,
  firstValueFrom,
  from,
  lastValueFrom,
  mergeMap,
  NEVER,
  of,
  throwError,
  timer,
  toArray,
  type Observable,
} from 'rxjs';
import {
  isUploadError,
  memoryCheckpointStore,
  pendingUploads$,
  recallFile$,
  rememberFile$,
  type CheckpointStore,
  type FileHandle,
  type FileHandleStore,
  type UploadCheckpoint,
} from 'rx-obs-upload';
import { fakeCheckpointStore } from 'rx-obs-upload/testing';
import { checkpointFor } from '../conformance/checkpoint-store-scenarios.js';
import { storeWithFiles } from '../support/store-with-files.js';
import { at, record, runVirtually } from '../support/virtual-time.js';

const FILE = new File(['what is in it'], 'a.txt', { lastModified: 1_700_000_000_000 });

interface Permissions {
  readonly query?: PermissionState;
  readonly request?: PermissionState | Error;
}

function handleOf(file: File | Error, { query, request }: Permissions = {}): FileHandle & { readonly calls: string[] } {
  const calls: string[] = [];
  const settle = async <T>(call: string, value: T | Error): Promise<T> => {
    calls.push(call);
    await Promise.resolve();
    if (value instanceof Error) throw value;
    return value;
  };
  return {
    kind: 'file',
    name: 'a.txt',
    calls,
    getFile: () => settle('getFile', file),
    ...(query === undefined ? {} : { queryPermission: () => settle('query', query) }),
    ...(request === undefined ? {} : { requestPermission: () => settle('request', request) }),
  };
}

function checkpointOf(file: File, key = 'a.txt'): UploadCheckpoint {
  const { name, size, lastModified } = file;
  return { ...checkpointFor(key, []), file: { name, size, lastModified, sample: 'c0ffee' } };
}

const upload = { checkpoint: checkpointOf(FILE) };

describe('pendingUploads$', () => {
  it('lists the last saved first, and whether their files are stored', () => {
    const store = storeWithFiles();
    store.handles.set(JSON.stringify(['media', 'new', 'a.txt', FILE.size, FILE.lastModified]), handleOf(FILE));
    const listing = runVirtually(() => {
      record(from(store.save('old', checkpointOf(FILE, 'old'))));
      at(5, () => record(from(store.save('new', checkpointOf(FILE, 'new')))));
      return record(timer(6).pipe(mergeMap(() => pendingUploads$(store))));
    });
    expect(listing.completed).toBe(true);
    expect(listing.values).toEqual([
      [
        { id: 'new', savedAt: 5, checkpoint: checkpointOf(FILE, 'new'), hasFile: true },
        { id: 'old', savedAt: 0, checkpoint: checkpointOf(FILE, 'old'), hasFile: false },
      ],
    ]);
  });

  it('uses the first list of a store that never completes, and an empty one if the store emits none', () => {
    const store = memoryCheckpointStore();
    expect(record(pendingUploads$({ ...store, list: () => concat(of([]), NEVER) })).values).toEqual([[]]);
    expect(record(pendingUploads$({ ...store, list: () => EMPTY })).values).toEqual([[]]);
  });

  it('fails if the store cannot be read, but not if only its handles cannot', () => {
    const broken = new Error('broken');
    const store = fakeCheckpointStore();
    const files = { ...storeWithFiles().files, list: () => throwError(() => broken) } as FileHandleStore;
    record(from(store.save('a', checkpointOf(FILE))));
    expect(record(pendingUploads$({ ...store, files })).values.flat()).toMatchObject([{ id: 'a', hasFile: false }]);
    store.fail({ on: 'list', as: 'blocked' });
    expect(record(pendingUploads$(store)).error).toMatchObject({ name: 'SecurityError' });
  });

  it('reads the store again for each subscription', () => {
    const store = fakeCheckpointStore();
    const pending$ = pendingUploads$(store);
    expect(store.counts.list).toBe(0);
    record(pending$);
    record(pending$);
    expect(store.counts.list).toBe(2);
  });
});

describe('rememberFile$', () => {
  const target = { bucket: 'media', key: 'a.txt' };

  it('stores a handle and emits its file', async () => {
    const store = storeWithFiles();
    const handle = handleOf(FILE);
    expect(await collect(rememberFile$(store, { ...target, file: handle }))).toEqual([FILE]);
    expect([...store.handles.values()]).toEqual([handle]);
  });

  it('stores the handle before it emits the file', async () => {
    const store = storeWithFiles();
    await firstValueFrom(rememberFile$(store, { ...target, file: handleOf(FILE) }));
    expect(store.handles.size).toBe(1);
  });

  it('emits a plain file at once, and stores nothing', () => {
    const store = storeWithFiles();
    expect(record(rememberFile$(store, { ...target, file: FILE })).values).toEqual([FILE]);
    expect(store.handles.size).toBe(0);
  });

  it('emits the file even if the handle cannot be stored', async () => {
    const files = { ...storeWithFiles().files, keep: () => throwError(() => new Error('full')) } as FileHandleStore;
    for (const store of [memoryCheckpointStore(), { ...memoryCheckpointStore(), files }])
      expect(await collect(rememberFile$(store, { ...target, file: handleOf(FILE) }))).toEqual([FILE]);
  });

  it('fails if the file no longer exists', async () => {
    const missing = handleOf(Object.assign(new Error('gone'), { name: 'NotFoundError' }));
    expect(await codeOf(rememberFile$(storeWithFiles(), { ...target, file: missing }))).toBe('source-unreadable');
  });
});

describe('recallFile$', () => {
  function storeWith(handle: FileHandle): CheckpointStore {
    const store = storeWithFiles();
    store.handles.set(JSON.stringify(['media', 'a.txt', 'a.txt', FILE.size, FILE.lastModified]), handle);
    return store;
  }

  it('emits the stored file', async () => {
    expect(await collect(recallFile$(storeWith(handleOf(FILE)), upload))).toEqual([FILE]);
  });

  it('requests permission only if it is not granted yet', async () => {
    const granted = handleOf(FILE, { query: 'granted', request: 'granted' });
    expect(await collect(recallFile$(storeWith(granted), upload))).toEqual([FILE]);
    expect(granted.calls).toEqual(['query', 'getFile']);
    const prompted = handleOf(FILE, { query: 'prompt', request: 'granted' });
    expect(await collect(recallFile$(storeWith(prompted), upload))).toEqual([FILE]);
    expect(prompted.calls).toEqual(['query', 'request', 'getFile']);
  });

  it('fails if permission is denied or must not be requested', async () => {
    const noClick = Object.assign(new Error('no click'), { name: 'SecurityError' });
    for (const permissions of [
      { query: 'denied' },
      { query: 'prompt', request: 'denied' },
      { query: 'prompt', request: noClick },
    ] as const)
      expect(await codeOf(recallFile$(storeWith(handleOf(FILE, permissions)), upload))).toBe('source-unreadable');
  });

  it('fails if no file is stored', async () => {
    expect(await codeOf(recallFile$(storeWithFiles(), upload))).toBe('source-unreadable');
    expect(await codeOf(recallFile$(memoryCheckpointStore(), upload))).toBe('source-unreadable');
  });

  it('accepts the same file chosen again, and stores its handle', async () => {
    const store = storeWithFiles();
    expect(record(recallFile$(store, upload, FILE)).values).toEqual([FILE]);
    expect(store.handles.size).toBe(0);
    expect(await collect(recallFile$(store, upload, handleOf(FILE)))).toEqual([FILE]);
    expect(await collect(recallFile$(store, upload))).toEqual([FILE]);
  });

  it.each([
    ['another name', new File(['what is in it'], 'b.txt', { lastModified: FILE.lastModified })],
    ['another size', new File(['what was in it'], 'a.txt', { lastModified: FILE.lastModified })],
    ['another lastModified', new File(['what is in it'], 'a.txt', { lastModified: 1 })],
  ])('rejects a file with %s, and does not store it', async (_, other) => {
    const store = storeWithFiles();
    expect(await codeOf(recallFile$(store, upload, other))).toBe('source-changed');
    expect(await codeOf(recallFile$(store, upload, handleOf(other)))).toBe('source-changed');
    expect(store.handles.size).toBe(0);
  });

  it('compares only what the checkpoint contains', () => {
    const file = { ...upload.checkpoint.file, name: null, lastModified: null };
    const renamed = new File(['what is in it'], 'b.txt', { lastModified: 1 });
    const blobUpload = { checkpoint: { ...upload.checkpoint, file } };
    expect(record(recallFile$(memoryCheckpointStore(), blobUpload, renamed)).values).toEqual([renamed]);
  });
});

function collect<T>(source$: Observable<T>): Promise<readonly T[]> {
  return lastValueFrom(source$.pipe(toArray()));
}

async function codeOf(source$: Observable<unknown>): Promise<string | null> {
  try {
    await lastValueFrom(source$);
    return null;
  } catch (error) {
    if (!isUploadError(error)) throw error;
    return error.code;
  }
}
