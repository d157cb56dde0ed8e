import { createStore, promisifyRequest } from 'idb-keyval';
import { defer, type Observable } from 'rxjs';

/** An IndexedDB database with records of two kinds, opened at its first use. */
export interface KeptDatabase {
  read$(request: (records: IDBObjectStore) => IDBRequest): Observable<unknown>;
  /** All of the changes or none; emits when they are done. */
  change$(change: (records: IDBObjectStore) => void): Observable<unknown>;
}

type Kind = 'checkpoint' | 'file';

export function keptDatabase(name: string): KeptDatabase {
  const use = createStore(name, 'kept');
  return {
    read$: (request) => defer(() => use('readonly', (records) => promisifyRequest<unknown>(request(records)))),
    change$: (change) =>
      defer(() =>
        use('readwrite', (records) => {
          change(records);
          // The end of the transaction: a request may succeed and there be no room in the end.
          return promisifyRequest(records.transaction);
        }),
      ),
  };
}

export function keyOf(kind: Kind, name: string): string[] {
  return [kind, name];
}

/** An array sorts after every text. */
export function allOf(kind: Kind): IDBKeyRange {
  return IDBKeyRange.bound([kind], [kind, []]);
}

/** Goes on within the same transaction, where there is something to go on with. */
export function whenGot(request: IDBRequest, next: (value: unknown) => void): void {
  request.onsuccess = () => {
    const value: unknown = request.result;
    if (value !== undefined) next(value);
  };
}
