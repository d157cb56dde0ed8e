import {
  catchError,
  concatMap,
  defer,
  finalize,
  from,
  map,
  of,
  takeUntil,
  tap,
  timer,
  type Observable,
  type Subscription,
} from 'rxjs';
import type { HashAlgorithm } from '../model/checksum.js';
import { createSemaphore } from '../connection/limiter.js';
import { piecewiseHasher, type Hasher } from '../ports/hash/hasher.js';
import type { RequestBody } from '../ports/transport/transport.js';
import { silence$ } from '../ports/watch.js';
import { monotonicNow } from '../time.js';
import { ask$, digestBy$, LostWorker, type HashWorker } from './digest-by.js';

/** More would hardly speed up a single file. */
const MOST_WORKERS = 2;

/** A running upload needs the worker again sooner. */
const IDLE_MS = 5000;

/** A worker that takes longer to start, sleep aside, is not waited for. */
const START_MS = 10_000;

/** After a worker that did not start, this thread hashes for this long: bodies should not wait for each attempt. */
const PAUSE_MS = 60_000;

/** Hashes in up to two workers, started on demand and terminated when idle; on this thread if there are none. */
export function hashInWorkers(createWorker: () => HashWorker): Hasher {
  const workers = createSemaphore(MOST_WORKERS);
  const here = piecewiseHasher();
  const idle = new Map<HashWorker, Subscription>();
  /** On the monotonic clock; Infinity: workers are refused here. */
  let startsFrom = 0;

  const returnToPool = (worker: HashWorker): void => {
    const end = (): void => {
      idle.delete(worker);
      worker.terminate();
    };
    idle.set(worker, timer(IDLE_MS).subscribe(end));
  };

  const takeIdle = (): HashWorker | null => {
    for (const [worker, end] of idle) {
      end.unsubscribe();
      idle.delete(worker);
      return worker;
    }
    return null;
  };

  /** null: workers are not available. */
  const worker$ = defer(() => {
    const worker = takeIdle();
    return worker === null && monotonicNow() >= startsFrom ? start$(createWorker) : of(worker);
  }).pipe(
    catchError((error: unknown) => {
      startsFrom = error instanceof LostWorker ? monotonicNow() + PAUSE_MS : Infinity;
      return of(null);
    }),
  );

  const hash$ = (worker: HashWorker, algorithm: HashAlgorithm, body: RequestBody): Observable<Uint8Array> => {
    let isDone = false;
    return defer(() => digestBy$(worker, algorithm, body)).pipe(
      tap(() => {
        isDone = true;
        // Before the digest is emitted, as the next one may be requested synchronously.
        returnToPool(worker);
      }),
      // A busy worker cannot be interrupted, so it is terminated.
      finalize(() => {
        if (!isDone) worker.terminate();
      }),
    );
  };

  const digest$ = (algorithm: HashAlgorithm, body: RequestBody): Observable<Uint8Array> => {
    const here$ = (): Observable<Uint8Array> =>
      from(algorithm === 'md5' ? here.md5(body) : here.checksum(algorithm, body));
    return workers.run(
      worker$.pipe(concatMap((worker) => (worker === null ? here$() : hash$(worker, algorithm, body)))),
    );
  };
  return { md5: (body) => digest$('md5', body), checksum: digest$ };
}

const tooLate$ = silence$(START_MS, () => new LostWorker('The worker took too long to start.'));

function start$(createWorker: () => HashWorker): Observable<HashWorker> {
  return defer(() => {
    const worker = createWorker();
    let isReady = false;
    const reply$ = ask$(worker, null).pipe(takeUntil(tooLate$));
    return reply$.pipe(
      tap(() => (isReady = true)),
      map(() => worker),
      finalize(() => {
        if (!isReady) worker.terminate();
      }),
    );
  });
}
