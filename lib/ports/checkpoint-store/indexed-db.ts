import { defer, finalize, from, retry, tap, type Observable } from 'rxjs';

/** An IndexedDB database with records of two kinds, opened at its first use. */
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
 * (InvalidStateError, UnknownError, AbortError). So whatever fails is done once more on a new connection: all that is
 * done here can be done twice.
 */
export function recordDatabase(name: string): RecordDatabase {
  let current: Promise<IDBDatabase> | null = null;

  const connect = (): Promise<IDBDatabase> => {
    if (current !== null) return current;
    const connection: Promise<IDBDatabase> = openDatabase(name).then((database) => {
      database.onclose = () => forget(connection);
      // Another tab deletes or upgrades it, and waits for as long as this one has it open.
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
  /** Transactions that run on it still end. */
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
        // Unsubscribed from before the end: it may be a connection that never answers.
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

/** Ends with the transaction: a request may succeed and there be no room in the end. */
function transact(database: IDBDatabase, mode: IDBTransactionMode, work: Work): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    transaction.onabort = () => reject(errorOf(transaction));
    const request = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request?.result);
  });
}

/** Where a connection is lost, some browsers abort without an error. */
function errorOf({ error }: IDBRequest | IDBTransaction): DOMException {
  return error ?? new DOMException('The browser has ended the connection to IndexedDB.', 'AbortError');
}

export function keyOf(kind: Kind, name: string): string[] {
  return [kind, name];
}

/** An array sorts after every text. */
export function allOf(kind: Kind): IDBKeyRange {
  return IDBKeyRange.bound([kind], [kind, []]);
}

/** Continues within the same transaction, where there is a value. */
export function whenGot(request: IDBRequest, next: (value: unknown) => void): void {
  request.onsuccess = () => {
    const value: unknown = request.result;
    if (value !== undefined) next(value);
  };
}
