import { createStore, del, get, set } from 'idb-keyval';
import { catchError, defer, EMPTY, of, type Observable } from 'rxjs';

/**
 * How long each unfinished recording is, in this browser: a page that completes what another one has recorded writes it
 * into the file. Of those of this page also where storage is blocked.
 */
export interface Durations {
  note(key: string, seconds: number): void;
  /** 0 if it is unknown. */
  of$(key: string): Observable<number>;
  forget(key: string): void;
}

export function createDurations(): Durations {
  const own = new Map<string, number>();
  let opened: ReturnType<typeof createStore> | null = null;
  const store = (): ReturnType<typeof createStore> => (opened ??= createStore('recorder-durations', 'seconds'));
  const attempt = (write: () => Promise<void>): void =>
    void defer(write)
      .pipe(catchError(() => EMPTY))
      .subscribe();
  return {
    note(key, seconds) {
      own.set(key, seconds);
      attempt(() => set(key, seconds, store()));
    },
    of$: (key) => {
      const noted = own.get(key);
      if (noted !== undefined) return of(noted);
      return defer(async () => (await get<number>(key, store())) ?? 0).pipe(catchError(() => of(0)));
    },
    forget(key) {
      own.delete(key);
      attempt(() => del(key, store()));
    },
  };
}
