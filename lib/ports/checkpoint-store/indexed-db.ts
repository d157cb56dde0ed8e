import { defer, finalize, from, retry, tap, type Observable } from 'rxjs';

/** An IndexedDB database with two kinds of records, opened on first use. */
export interface RecordDatabase {
  read$(request: (records: IDBObjectStore) => IDBRequest): Observable<unknown>;
  /** All of the changes or none; emits when they are stored. */
  change$(change: (records: IDBObjectStore) => void): Observable<unknown>;
}

type Kind = 'checkpoint' | 'file';
type Work = (records: IDBObjectStore) => IDBRequest | undefined;

const STORE = 'kept';

/**
 * Browsers close connections that are in use: with a `close` event, or, as Safari does after the page was in the
 * background, without one (https://bugs.webkit.org/show_bug.cgi?id=197050), and each names it differently afterwards
 * (InvalidStateError, UnknownError, AbortError). So whatever fails is retried once on a new connection: all operations
 * here are idempotent.
 */
export function recordDatabase(name: string): RecordDatabase {
  let current: Promise<IDBDatabase> | null = null;

  const connect = (): Promise<IDBDatabase> => {
    if (current !== null) return current;
    const connection: Promise<IDBDatabase> = openDatabase(name).then((database) => {
      database.onclose = () => forget(connection);
      // Another tab deletes or upgrades the database, and waits while this one has it open.
      database.onversionchange = () => {
        database.close();
        forget(connection);
      };
      return database;
    });
    current = connection;
    return connection;
  };
  const forget = (connection: Promise<IDBDatabase>): void => {
    if (current === connection) current = null;
  };
  /** Running transactions still finish. */
  const disconnect = (connection: Promise<IDBDatabase>): void => {
    forget(connection);
    connection.then(
      (database) => database.close(),
      () => undefined,
    );
  };

  const transact$ = (mode: IDBTransactionMode, work: Work): Observable<unknown> =>
    defer(() => {
      const connection = connect();
      let hasSucceeded = false;
      return from(connection.then((database) => transact(database, mode, work))).pipe(
        tap(() => (hasSucceeded = true)),
        // Unsubscribed from before the end: the connection may be one that never responds.
        finalize(() => {
          if (!hasSucceeded) disconnect(connection);
        }),
      );
    }).pipe(retry(1));

  return {
    read$: (request) => transact$('readonly', request),
    change$: (change) =>
      transact$('readwrite', (records) => {
        change(records);
        return undefined;
      }),
  };
}

function openDatabase(name: string, version?: number): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => {
      if (!request.result.objectStoreNames.contains(STORE)) request.result.createObjectStore(STORE);
    };
    request.onsuccess = () => {
      const database = request.result;
      if (database.objectStoreNames.contains(STORE)) return resolve(database);
      // Other code of the page, or developer tools, made a database of that name.
      database.close();
      resolve(openDatabase(name, database.version + 1));
    };
    request.onerror = () => reject(errorOf(request));
  });
}

/** Completes with the transaction: a request may succeed and the transaction still fail for lack of space. */
function transact(database: IDBDatabase, mode: IDBTransactionMode, work: Work): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    transaction.onabort = () => reject(errorOf(transaction));
    const request = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request?.result);
  });
}

/** When a connection is lost, some browsers abort without an error. */
function errorOf({ error }: IDBRequest | IDBTransaction): DOMException {
  return error ?? new DOMException('The browser has ended the connection to IndexedDB.', 'AbortError');
}

export function keyOf(kind: Kind, name: string): string[] {
  return [kind, name];
}

/** An array sorts after every string. */
export function allOf(kind: Kind): IDBKeyRange {
  return IDBKeyRange.bound([kind], [kind, []]);
}

/** Continues within the same transaction if there is a value. */
export function whenGot(request: IDBRequest, next: (value: unknown) => void): void {
  request.onsuccess = () => {
    const value: unknown = request.result;
    if (value !== undefined) next(value);
  };
}
