import { firstValueFrom, from, lastValueFrom, type ObservableInput, type Subscription } from 'rxjs';
import {
  indexedDbCheckpointStore,
  indexedDbSpool,
  isUploadError,
  pendingUploads$,
  recallFile$,
  rememberFile$,
  webLock,
  webStorageCheckpointStore,
  type CheckpointStore,
  type PendingUpload,
  type StreamSpool,
} from 'rx-obs-upload';
import { indexedDbDatabase, indexedDbPlace, webStoragePlace } from '../../../conformance/checkpoint-store-places.js';
import {
  checkpointFor,
  checkpointStoreScenarios,
  type StoreWorld,
} from '../../../conformance/checkpoint-store-scenarios.js';
import { streamSpoolScenarios } from '../../../conformance/stream-spool-scenarios.js';
import { uploadLockScenarios } from '../../../conformance/upload-lock-scenarios.js';

export type StoreKind = 'localStorage' | 'sessionStorage' | 'indexedDB';

/** What specs call in the page; each function returns plain JSON. */
export interface StoresPage {
  runStoreScenario(kind: StoreKind, name: string): Promise<void>;
  runLockScenario(name: string): Promise<void>;
  runSpoolScenario(name: string): Promise<void>;
  /** Stores a stream of two chunks, an array and a Blob. */
  spool(id: string, text: string): Promise<void>;
  /** The text of a stored stream. */
  spooled(id: string): Promise<string>;
  save(kind: StoreKind, id: string, parts: number): Promise<string>;
  load(kind: StoreKind, id: string): Promise<string>;
  remove(kind: StoreKind, id: string): Promise<string>;
  /** Fills web storage to the last character. @returns how many entries are not the library's */
  fill(kind: 'localStorage' | 'sessionStorage'): number;
  holdLock(name: string): void;
  lockLog(): readonly string[];
  releaseLock(): void;
  /** Writes a file in the page's private file system, whose handles are like those of files that users choose. */
  writeFile(name: string, text: string): Promise<void>;
  remember(name: string, key: string): Promise<string>;
  saveFor(name: string, key: string): Promise<void>;
  pending(): Promise<readonly PendingUpload[]>;
  /** The text of the file, or the code of the error. */
  recall(id: string): Promise<string>;
  /** The names of the stored file handles. */
  storedHandles(): Promise<readonly string[]>;
}

declare global {
  interface Window {
    stores: StoresPage;
  }
}

const storeOf: Readonly<Record<StoreKind, StoreWorld['open']>> = {
  localStorage: (options) => webStorageCheckpointStore(() => localStorage, options),
  sessionStorage: (options) => webStorageCheckpointStore(() => sessionStorage, options),
  indexedDB: (options) => indexedDbCheckpointStore(options),
};

const worldOf: Readonly<Record<StoreKind, () => Promise<StoreWorld>>> = {
  localStorage: () => webStorageWorld('localStorage', localStorage),
  sessionStorage: () => webStorageWorld('sessionStorage', sessionStorage),
  indexedDB: () => {
    // A new database for each scenario, without records of another one.
    const databaseName = `conformance ${crypto.randomUUID()}`;
    return Promise.resolve({
      open: (options) => indexedDbCheckpointStore({ ...options, databaseName }),
      place: indexedDbPlace(databaseName),
      database: indexedDbDatabase(databaseName),
      isShared: true,
    });
  },
};

function webStorageWorld(kind: 'localStorage' | 'sessionStorage', storage: Storage): Promise<StoreWorld> {
  storage.clear();
  return Promise.resolve({ open: storeOf[kind], place: webStoragePlace(storage), database: null, isShared: true });
}

const log: string[] = [];
let holding: Subscription | null = null;

window.stores = {
  runStoreScenario: async (kind, name) => find(checkpointStoreScenarios, name).run(await worldOf[kind]()),
  runLockScenario: (name) => find(uploadLockScenarios, name).run(webLock()),
  runSpoolScenario: (name) => {
    const databaseName = `conformance ${crypto.randomUUID()}`;
    const open = (): StreamSpool => indexedDbSpool({ databaseName });
    return find(streamSpoolScenarios, name).run({ open, isShared: true, expires: true });
  },
  spool: async (id, text) => {
    const spool = indexedDbSpool();
    const [half, bytes] = [Math.floor(text.length / 2), new TextEncoder().encode(text)];
    const writes = [
      spool.save({ id, name: null, type: '', size: null }),
      spool.append(id, 0, bytes.subarray(0, half)),
      spool.append(id, half, new Blob([bytes.subarray(half)])),
    ];
    for (const write of writes) await lastValueFrom(from(write), { defaultValue: null });
  },
  spooled: async (id) => {
    const recording = await lastValueFrom(from(indexedDbSpool().load(id)), { defaultValue: null });
    return new Blob((recording?.chunks ?? []).map(({ chunk }) => chunk as BlobPart)).text();
  },
  save: (kind, id, parts) => outcome(() => storeOf[kind]().save(id, checkpointOf(id, parts))),
  load: (kind, id) => outcome(() => storeOf[kind]().load(id)),
  remove: (kind, id) => outcome(() => storeOf[kind]().remove(id)),
  fill: (kind) => {
    const storage = window[kind];
    storage.setItem('of the page', 'own');
    for (let size = 4 * 1024 * 1024; size >= 1;) {
      try {
        storage.setItem(`filling ${storage.length}`, 'x'.repeat(size));
      } catch {
        size = Math.floor(size / 2);
      }
    }
    return Object.keys(storage).filter((key) => !key.startsWith('rx-obs-upload:')).length;
  },
  holdLock: (name) => {
    holding = webLock()
      .hold(name)
      .subscribe({ next: (phase) => log.push(phase), error: (error: unknown) => log.push(nameOf(error)) });
  },
  lockLog: () => log,
  releaseLock: () => holding?.unsubscribe(),
  writeFile: async (name, text) => {
    const writable = await (await handleOf(name)).createWritable();
    await writable.write(text);
    await writable.close();
  },
  remember: async (name, key) => {
    const file = await lastValueFrom(
      rememberFile$(storeOf.indexedDB(), { bucket: 'media', key, file: await handleOf(name) }),
    );
    return file.text();
  },
  saveFor: async (name, key) => {
    const { size, lastModified } = await (await handleOf(name)).getFile();
    const checkpoint = { ...checkpointFor(key, []), file: { name, size, lastModified, sample: 'c0ffee' } };
    await lastValueFrom(from(storeOf.indexedDB().save(key, checkpoint)));
  },
  pending: () => lastValueFrom(pendingUploads$(storeOf.indexedDB())),
  recall: async (id) => {
    const store = storeOf.indexedDB();
    const upload = (await lastValueFrom(pendingUploads$(store))).find((each) => each.id === id);
    if (upload === undefined) return 'no such upload';
    try {
      return await (await firstValueFrom(recallFile$(store, upload))).text();
    } catch (error) {
      return isUploadError(error) ? error.code : nameOf(error);
    }
  },
  storedHandles: () => lastValueFrom(from(filesOf(storeOf.indexedDB()).list())),
};

function filesOf({ files }: CheckpointStore): NonNullable<CheckpointStore['files']> {
  if (files === undefined) throw new Error('The store keeps no files');
  return files;
}

function find<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no scenario ${name}`);
  return found;
}

function checkpointOf(key: string, parts: number): ReturnType<typeof checkpointFor> {
  const { file, ...rest } = checkpointFor(
    key,
    Array.from({ length: parts }, (_, i) => i + 1),
  );
  return { ...rest, file: { ...file, size: 100 * Math.max(1, parts) } };
}

/** @returns 'done', 'found N parts' or the name of the error; rejects if the store throws instead of emitting it */
async function outcome(call: () => ObservableInput<unknown>): Promise<string> {
  const result$ = from(call());
  try {
    const value = await lastValueFrom(result$, { defaultValue: null });
    const { parts } = Object(value) as { readonly parts?: readonly unknown[] };
    return parts === undefined ? 'done' : `found ${parts.length} parts`;
  } catch (error) {
    return nameOf(error);
  }
}

function handleOf(name: string): Promise<FileSystemFileHandle> {
  return navigator.storage.getDirectory().then((directory) => directory.getFileHandle(name, { create: true }));
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : String(error);
}
