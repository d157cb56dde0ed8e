import {
  AsyncSubject,
  catchError,
  defer,
  finalize,
  map,
  Observable,
  of,
  share,
  switchMap,
  take,
  tap,
  throwError,
  throwIfEmpty,
  timer,
  type ObservableInput,
} from 'rxjs';
import type { PresigningOptions } from '../connection/options.js';
import type { SignedRequest, UnsignedRequest } from './signer.js';
import type { Clock } from '../connection/clock.js';
import type { Prefetch } from '../connection/obs-connection.js';
import { fromPort } from '../ports/from-port.js';
import { presignError, UnusableAnswer } from './presign-error.js';
import { SIGNED_FORM } from './require-signed.js';

/** Asks a backend for signatures, for many requests at once. */
export interface PresignBatches {
  sign(request: UnsignedRequest, ahead: Prefetch): Observable<SignedRequest>;
}

/** Requests in one question: enough to be ahead of need, few enough to be sent before they expire. */
const BATCH_SIZE = 16;

/** Values of `staleAt`. */
const NEVER = Number.POSITIVE_INFINITY;
const STALE = Number.NEGATIVE_INFINITY;

/** What a backend said, not looked at yet. */
type Answers = ReadonlyMap<UnsignedRequest, SignedRequest>;

/** Requests that are asked for together; its answers come to all who wait for them. */
interface Batch {
  readonly waiting: Set<Waiting>;
  readonly answers$: Observable<Answers>;
}

interface Waiting {
  readonly request: UnsignedRequest;
  readonly ahead: Prefetch;
}

/** Asked for ahead of need: the answer is there, or on its way. */
interface Prepared {
  readonly request: UnsignedRequest;
  readonly answers$: Observable<Answers>;
  /** epoch milliseconds */
  staleAt: number;
}

/**
 * Requests of the same tick are asked for in one question, which is filled up with what their uploads send next.
 *
 * ```text
 * sign(1), sign(2):  (12)-------
 * presign:            -[1,2,3,…,16]
 * sign(3):            ------3      (no question: its answer is there)
 * ```
 */
export function createPresignBatches(presign: PresigningOptions['presign'], clock: Clock): PresignBatches {
  let open: Batch | null = null;
  const preparedOf = new WeakMap<object, Map<string, Prepared>>();

  const preparedFor = (fairnessKey: object): Map<string, Prepared> => {
    const prepared = preparedOf.get(fairnessKey) ?? new Map<string, Prepared>();
    preparedOf.set(fairnessKey, prepared);
    return prepared;
  };

  const openBatch = (): Batch => {
    const batch: Batch = {
      waiting: new Set(),
      // Later, not now: who else asks in this tick goes along.
      answers$: timer(0).pipe(
        switchMap(() => {
          if (open === batch) open = null;
          return asked$(batch);
        }),
        share({ connector: () => new AsyncSubject<Answers>(), resetOnComplete: false }),
      ),
    };
    return batch;
  };

  /** What the waiting uploads send next, as far as there is room and nobody has asked for it yet. */
  const prepare = ({ waiting, answers$ }: Batch): Prepared[] => {
    const prepared: Prepared[] = [];
    for (const { fairnessKey, next } of new Map([...waiting].map(({ ahead }) => [ahead.fairnessKey, ahead])).values()) {
      const known = preparedFor(fairnessKey);
      for (const request of next(BATCH_SIZE)) {
        if (waiting.size + prepared.length >= BATCH_SIZE) return prepared;
        const id = idOf(request);
        if ((known.get(id)?.staleAt ?? STALE) > clock.now()) continue;
        const entry: Prepared = { request, answers$, staleAt: NEVER };
        known.set(id, entry);
        prepared.push(entry);
      }
    }
    return prepared;
  };

  const asked$ = (batch: Batch): Observable<Answers> => {
    const prepared = prepare(batch);
    const requests = [...batch.waiting, ...prepared].map(({ request }) => request);
    const drop = (): void => prepared.forEach((entry) => (entry.staleAt = STALE));
    return first$(presign, requests).pipe(
      map((answers) => new Map(requests.map((request, i) => [request, answers[i] as SignedRequest]))),
      tap({
        next: (answers) =>
          prepared.forEach((entry) => (entry.staleAt = staleAt(answers.get(entry.request), clock.now()))),
        error: drop,
        unsubscribe: drop,
      }),
    );
  };

  const join$ = (request: UnsignedRequest, ahead: Prefetch): Observable<SignedRequest> =>
    defer(() => {
      if (open === null || open.waiting.size >= BATCH_SIZE) open = openBatch();
      const { waiting, answers$ } = open;
      const waiter = { request, ahead };
      waiting.add(waiter);
      return answerTo(request, answers$).pipe(finalize(() => waiting.delete(waiter)));
    });

  return {
    sign: (request, ahead) =>
      defer(() => {
        const prepared = preparedOf.get(ahead.fairnessKey);
        const id = idOf(request);
        const found = prepared?.get(id);
        // Good for one attempt: who comes again has been refused, or has waited.
        prepared?.delete(id);
        return found !== undefined && found.staleAt > clock.now()
          ? answerTo(found.request, found.answers$)
          : join$(request, ahead);
      }),
  };
}

/** An error of its own for each who waits: uploads write their checkpoints into them. */
function answerTo(request: UnsignedRequest, answers$: Observable<Answers>): Observable<SignedRequest> {
  return answers$.pipe(
    map((answers) => answers.get(request) as SignedRequest),
    catchError((cause: unknown) => throwError(() => presignError(cause))),
  );
}

/** The backend's first answer: as many as there are requests. */
function first$(
  presign: PresigningOptions['presign'],
  requests: readonly UnsignedRequest[],
): Observable<readonly SignedRequest[]> {
  const answers$ = new Observable<readonly SignedRequest[]>((subscriber) => {
    const answer = presign([...requests]);
    // Whoever unsubscribed meanwhile wants nothing asked.
    return subscriber.closed ? undefined : given$(answer).subscribe(subscriber);
  });
  return answers$.pipe(
    take(1),
    throwIfEmpty(() => new UnusableAnswer('presign gave nothing.')),
    tap((answers) => requireAll(answers, requests.length)),
  );
}

/** Not all who write `presign` have types: what is no stream of answers is looked at as the answer itself. */
function given$(given: unknown): Observable<readonly SignedRequest[]> {
  const isStream = typeof given === 'object' && given !== null && !isListOfObjects(given);
  try {
    if (isStream) return fromPort(given as ObservableInput<readonly SignedRequest[]>, 'presign');
  } catch {
    // No stream: refused as what it is.
  }
  return of(given as readonly SignedRequest[]);
}

/** `from` would take it for several answers. */
function isListOfObjects(given: object): boolean {
  return Array.isArray(given) && given.length > 0 && !Array.isArray(given[0]);
}

function requireAll(answers: unknown, count: number): void {
  if (!Array.isArray(answers)) {
    throw new UnusableAnswer(
      'presign must give a list, in a Promise or an Observable: for each request, in the same order, ' +
        `${SIGNED_FORM}. It gave ${typeof answers === 'string' ? 'text' : 'no list'}.`,
    );
  }
  if (answers.length === count) return;
  throw new UnusableAnswer(`presign gave ${answers.length} signed requests for ${count}.`);
}

/** By a clock that is wrong an answer may look dead on arrival: such a one is taken as it is. */
function staleAt(answer: SignedRequest | null | undefined, now: number): number {
  const expiresAt: unknown = answer?.expiresAt;
  return typeof expiresAt === 'number' && expiresAt > now ? expiresAt : NEVER;
}

function idOf({ method, url, headers }: UnsignedRequest): string {
  return JSON.stringify([method, url, headers]);
}
