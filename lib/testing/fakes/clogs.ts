import { BehaviorSubject, concatMap, filter, map, of, take, type MonoTypeOperatorFunction } from 'rxjs';

/** The connection that a request takes: one a part number, and one (null) for all that carries no part. */
export type FakeLine = number | null;

/** Connections on which nothing moves, for a time. */
export interface Clogs {
  clog(line: FakeLine): void;
  unclog(line: FakeLine): void;
  /** Holds back what comes while the line is clogged, in order. */
  pass<T>(line: FakeLine): MonoTypeOperatorFunction<T>;
}

export function createClogs(): Clogs {
  const clogged$ = new BehaviorSubject<ReadonlySet<FakeLine>>(new Set());
  return {
    clog: (line) => clogged$.next(new Set(clogged$.value).add(line)),
    unclog: (line) => clogged$.next(new Set([...clogged$.value].filter((clogged) => clogged !== line))),
    pass: (line) =>
      concatMap((event) =>
        clogged$.value.has(line)
          ? clogged$.pipe(
              filter((clogged) => !clogged.has(line)),
              take(1),
              map(() => event),
            )
          : of(event),
      ),
  };
}
