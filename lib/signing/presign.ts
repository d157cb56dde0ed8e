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
  throwIfEmpty,
  timer,
  type ObservableInput,
} from 'rxjs';
import type { PresigningOptions } from '../connection/options.js';
import type { ObsCredentials } from '../model/credentials.js';
import { obsDialect } from '../protocol/dialect.js';
import type { Clock } from '../connection/clock.js';
import type { Prefetch, SharedParts } from '../connection/obs-connection.js';
import { mapError } from '../map-error.js';
import type { SignedRequest, UnsignedRequest } from './signer.js';
import { fromPort } from '../ports/from-port.js';
import { InvalidOptionsError, SigningError } from '../model/errors/errors.js';
import { readExpiry } from './expiry.js';
import { SIGNED_FORM } from './require-signed.js';

/** Signatures by a backend, which has the credentials: here a placeholder stands for each generation of signatures. */
export function presigned(
  { presign, dialect = obsDialect }: Pick<PresigningOptions, 'presign' | 'dialect'>,
  clock: Clock,
): Pick<SharedParts, 'signer' | 'credentials'> {
  let batches = createPresignBatches(presign, clock);
  let generation: ObsCredentials = { accessKeyId: '', secretAccessKey: '' };

  /** A refused signature casts doubt on all of its generation, so they are requested again. */
  const signAgain = (refused: ObsCredentials): boolean => {
    if (refused === generation) {
      generation = { ...generation };
      batches = createPresignBatches(presign, clock);
    }
    return true;
  };

  return {
    signer: { dialect, isRemote: true, sign: (request, _, ahead) => batches.sign(request, ahead) },
    credentials: {
      held: () => generation,
      current$: () => defer(() => of(generation)),
      discard: signAgain,
      renew: signAgain,
      isUsable: (used) => used === generation,
      succeeded: () => undefined,
    },
  };
}

/** Asks a backend for signatures, for many requests at once. */
export interface PresignBatches {
  sign(request: UnsignedRequest, ahead: Prefetch): Observable<SignedRequest>;
}

/** Requests per call: enough to sign ahead of time, few enough to be sent before they expire. */
const BATCH_SIZE = 16;

/** Values of `staleAt`. */
const NEVER = Infinity;
const STALE = -Infinity;

/** The backend's signed requests, not validated yet. */
type Responses = ReadonlyMap<UnsignedRequest, SignedRequest>;

/** null: the backend refuses to sign these requests together */
type BatchResult = Responses | null;

/** Requests that are signed in one call, whose result all of them share. */
interface Batch {
  readonly waiting: Set<Waiting>;
  readonly responses$: Observable<BatchResult>;
}

interface Waiting {
  readonly request: UnsignedRequest;
  readonly ahead: Prefetch;
}

/** A request signed ahead of time, or being signed. */
interface Prepared {
  readonly request: UnsignedRequest;
  readonly responses$: Observable<BatchResult>;
  /** epoch milliseconds */
  staleAt: number;
}

/**
 * Requests of the same tick are signed in one call, which is filled up with the next requests of their uploads.
 *
 * ```text
 * sign(1), sign(2):  (12)-------
 * presign:            -[1,2,3,…,16]
 * sign(3):            ------3      (no call: it is signed already)
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
      // Deferred, so that other requests of this tick join.
      responses$: timer(0).pipe(
        switchMap(() => {
          if (open === batch) open = null;
          return request$(batch);
        }),
        share({ connector: () => new AsyncSubject<BatchResult>(), resetOnComplete: false }),
      ),
    };
    return batch;
  };

  /** The next requests of the waiting uploads that are not signed yet, as far as there is room. */
  const prepare = ({ waiting, responses$ }: Batch): Prepared[] => {
    const prepared: Prepared[] = [];
    for (const { fairnessKey, next } of new Map([...waiting].map(({ ahead }) => [ahead.fairnessKey, ahead])).values()) {
      const known = preparedFor(fairnessKey);
      for (const request of next(BATCH_SIZE)) {
        if (waiting.size + prepared.length >= BATCH_SIZE) return prepared;
        const id = idOf(request);
        if ((known.get(id)?.staleAt ?? STALE) > clock.now()) continue;
        const entry: Prepared = { request, responses$, staleAt: NEVER };
        known.set(id, entry);
        prepared.push(entry);
      }
    }
    return prepared;
  };

  const request$ = (batch: Batch): Observable<BatchResult> => {
    const prepared = prepare(batch);
    const requests = [...batch.waiting, ...prepared].map(({ request }) => request);
    const drop = (): void => prepared.forEach((entry) => (entry.staleAt = STALE));
    return first$(presign, requests).pipe(
      tap({
        next: (responses) =>
          prepared.forEach((entry) => (entry.staleAt = staleAt(responses.get(entry.request), clock.now()))),
        error: drop,
        unsubscribe: drop,
      }),
      catchError((error: unknown) => {
        if (requests.length > 1 && isRefusal(error)) return of(null);
        throw error;
      }),
    );
  };

  /**
   * Of requests that are refused together one may be at fault, so each is signed alone. A separate error for each:
   * uploads add their checkpoints to it.
   */
  const responseTo = (request: UnsignedRequest, responses$: Observable<BatchResult>): Observable<SignedRequest> =>
    responses$.pipe(
      switchMap((responses) => (responses === null ? first$(presign, [request]) : of(responses))),
      map((responses) => responses.get(request) as SignedRequest),
      mapError(presignError),
    );

  /** To be subscribed to at once. */
  const join$ = (request: UnsignedRequest, ahead: Prefetch): Observable<SignedRequest> => {
    if (open === null || open.waiting.size >= BATCH_SIZE) open = openBatch();
    const { waiting, responses$ } = open;
    const waiter = { request, ahead };
    waiting.add(waiter);
    return responseTo(request, responses$).pipe(finalize(() => waiting.delete(waiter)));
  };

  return {
    sign: (request, ahead) =>
      defer(() => {
        const prepared = preparedOf.get(ahead.fairnessKey);
        const id = idOf(request);
        const found = prepared?.get(id);
        // Used for one attempt only: a second one means that it was refused or has waited.
        prepared?.delete(id);
        return found !== undefined && found.staleAt > clock.now()
          ? responseTo(found.request, found.responses$)
          : join$(request, ahead);
      }),
  };
}

/** The first value of `presign`: one signed request per request. */
function first$(presign: PresigningOptions['presign'], requests: readonly UnsignedRequest[]): Observable<Responses> {
  const responses$ = new Observable<readonly SignedRequest[]>((subscriber) => {
    const response = presign([...requests]);
    // `presign` may have unsubscribed the subscriber.
    return subscriber.closed ? undefined : given$(response).subscribe(subscriber);
  });
  return responses$.pipe(
    take(1),
    throwIfEmpty(() => new UnusableResponse('presign returned nothing.')),
    map((responses) => {
      requireAll(responses, requests.length);
      return new Map(requests.map((request, i) => [request, responses[i] as SignedRequest]));
    }),
  );
}

/** For callers without types: a value that is not a stream is checked as the result itself. */
function given$(given: unknown): Observable<readonly SignedRequest[]> {
  const isStream = typeof given === 'object' && given !== null && !isListOfObjects(given);
  try {
    if (isStream) return fromPort(given as ObservableInput<readonly SignedRequest[]>, 'presign');
  } catch {
    // Not a stream: refused by `requireAll`.
  }
  return of(given as readonly SignedRequest[]);
}

/** `from` would emit its items one by one. */
function isListOfObjects(given: object): boolean {
  return Array.isArray(given) && given.length > 0 && !Array.isArray(given[0]);
}

function requireAll(responses: unknown, count: number): void {
  if (!Array.isArray(responses)) {
    throw new UnusableResponse(
      'presign must return a list, in a Promise or an Observable: for each request, in the same order, ' +
        `${SIGNED_FORM}. It returned ${typeof responses === 'string' ? 'text' : 'no list'}.`,
    );
  }
  if (responses.length === count) return;
  throw new UnusableResponse(`presign returned ${responses.length} signed requests for ${count}.`);
}

/** With a wrong clock a new signature may look expired: it is used anyway. */
function staleAt(response: SignedRequest | null | undefined, now: number): number {
  const expiresAt = readExpiry(response?.expiresAt, 0) ?? NEVER;
  return expiresAt > now ? expiresAt : NEVER;
}

function idOf({ method, url, headers }: UnsignedRequest): string {
  return JSON.stringify([method, url, headers]);
}

/** The backend responded with something unusable. */
class UnusableResponse extends Error {}

function presignError(cause: unknown): SigningError {
  if (cause instanceof UnusableResponse || cause instanceof InvalidOptionsError)
    return new SigningError('presign', cause.message);
  if (isRefusal(cause)) {
    return new SigningError('presign', 'The backend refuses to sign, so nothing was sent. See the cause.', { cause });
  }
  const message = 'presign failed, so nothing could be sent.';
  return new SigningError('presign', message, { retryable: true, cause });
}

/** Errors of HTTP clients have a status: a backend that refuses once will refuse again. */
function isRefusal(cause: unknown): boolean {
  const { status } = (cause ?? {}) as { readonly status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 408 && status !== 429;
}
