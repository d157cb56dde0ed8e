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
  it('lists the last saved first, and whose files are stored', () => {
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

  it('takes the first answer of a store that never ends, and none for an empty list', () => {
    const store = memoryCheckpointStore();
    expect(record(pendingUploads$({ ...store, list: () => concat(of([]), NEVER) })).values).toEqual([[]]);
    expect(record(pendingUploads$({ ...store, list: () => EMPTY })).values).toEqual([[]]);
  });

  it('fails where the store cannot be read, but not where only handles cannot', () => {
    const broken = new Error('broken');
    const store = fakeCheckpointStore();
    const files = { ...storeWithFiles().files, list: () => throwError(() => broken) } as FileHandleStore;
    record(from(store.save('a', checkpointOf(FILE))));
    expect(record(pendingUploads$({ ...store, files })).values.flat()).toMatchObject([{ id: 'a', hasFile: false }]);
    store.fail({ on: 'list', as: 'blocked' });
    expect(record(pendingUploads$(store)).error).toMatchObject({ name: 'SecurityError' });
  });

  it('asks again with each subscription', () => {
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

  it('keeps a handle, and emits its file', async () => {
    const store = storeWithFiles();
    const handle = handleOf(FILE);
    expect(await all(rememberFile$(store, { ...target, file: handle }))).toEqual([FILE]);
    expect([...store.handles.values()]).toEqual([handle]);
  });

  it('has stored it when the file is taken and no more is listened to', async () => {
    const store = storeWithFiles();
    await firstValueFrom(rememberFile$(store, { ...target, file: handleOf(FILE) }));
    expect(store.handles.size).toBe(1);
  });

  it('emits a plain file at once, and keeps nothing', () => {
    const store = storeWithFiles();
    expect(record(rememberFile$(store, { ...target, file: FILE })).values).toEqual([FILE]);
    expect(store.handles.size).toBe(0);
  });

  it('emits the file though it cannot be stored', async () => {
    const files = { ...storeWithFiles().files, keep: () => throwError(() => new Error('full')) } as FileHandleStore;
    for (const store of [memoryCheckpointStore(), { ...memoryCheckpointStore(), files }])
      expect(await all(rememberFile$(store, { ...target, file: handleOf(FILE) }))).toEqual([FILE]);
  });

  it('fails where there is no file any more', async () => {
    const gone = handleOf(Object.assign(new Error('gone'), { name: 'NotFoundError' }));
    expect(await codeOf(rememberFile$(storeWithFiles(), { ...target, file: gone }))).toBe('source-unreadable');
  });
});

describe('recallFile$', () => {
  function remembered(handle: FileHandle): CheckpointStore {
    const store = storeWithFiles();
    store.handles.set(JSON.stringify(['media', 'a.txt', 'a.txt', FILE.size, FILE.lastModified]), handle);
    return store;
  }

  it('gets the file back', async () => {
    expect(await all(recallFile$(remembered(handleOf(FILE)), upload))).toEqual([FILE]);
  });

  it('asks for permission only where that is open', async () => {
    const granted = handleOf(FILE, { query: 'granted', request: 'granted' });
    expect(await all(recallFile$(remembered(granted), upload))).toEqual([FILE]);
    expect(granted.calls).toEqual(['query', 'getFile']);
    const open = handleOf(FILE, { query: 'prompt', request: 'granted' });
    expect(await all(recallFile$(remembered(open), upload))).toEqual([FILE]);
    expect(open.calls).toEqual(['query', 'request', 'getFile']);
  });

  it('fails where permission is refused, or may not be asked for', async () => {
    const noClick = Object.assign(new Error('no click'), { name: 'SecurityError' });
    for (const permissions of [
      { query: 'denied' },
      { query: 'prompt', request: 'denied' },
      { query: 'prompt', request: noClick },
    ] as const)
      expect(await codeOf(recallFile$(remembered(handleOf(FILE, permissions)), upload))).toBe('source-unreadable');
  });

  it('fails where no file is stored', async () => {
    expect(await codeOf(recallFile$(storeWithFiles(), upload))).toBe('source-unreadable');
    expect(await codeOf(recallFile$(memoryCheckpointStore(), upload))).toBe('source-unreadable');
  });

  it('takes the same file that was chosen again, and keeps its handle', async () => {
    const store = storeWithFiles();
    expect(record(recallFile$(store, upload, FILE)).values).toEqual([FILE]);
    expect(store.handles.size).toBe(0);
    expect(await all(recallFile$(store, upload, handleOf(FILE)))).toEqual([FILE]);
    expect(await all(recallFile$(store, upload))).toEqual([FILE]);
  });

  it.each([
    ['another name', new File(['what is in it'], 'b.txt', { lastModified: FILE.lastModified })],
    ['another size', new File(['what was in it'], 'a.txt', { lastModified: FILE.lastModified })],
    ['another time of change', new File(['what is in it'], 'a.txt', { lastModified: 1 })],
  ])('refuses a file with %s, and does not keep it', async (_, other) => {
    const store = storeWithFiles();
    expect(await codeOf(recallFile$(store, upload, other))).toBe('source-changed');
    expect(await codeOf(recallFile$(store, upload, handleOf(other)))).toBe('source-changed');
    expect(store.handles.size).toBe(0);
  });

  it('compares only what the checkpoint knows', () => {
    const file = { ...upload.checkpoint.file, name: null, lastModified: null };
    const renamed = new File(['what is in it'], 'b.txt', { lastModified: 1 });
    const ofBlob = { checkpoint: { ...upload.checkpoint, file } };
    expect(record(recallFile$(memoryCheckpointStore(), ofBlob, renamed)).values).toEqual([renamed]);
  });
});

function all<T>(source$: Observable<T>): Promise<readonly T[]> {
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
