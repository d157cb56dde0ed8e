import { createStore, del, entries, set } from 'idb-keyval';

const store = createStore('outbox', 'files');

/** Stores a file until it is uploaded, also while the browser is closed. */
export function addToOutbox(file: File): Promise<void> {
  return set(crypto.randomUUID(), file, store);
}

export function filesInOutbox(): Promise<[string, File][]> {
  return entries<string, File>(store);
}

export function removeFromOutbox(id: string): Promise<void> {
  return del(id, store);
}
