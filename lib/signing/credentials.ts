import {
  defer,
  map,
  of,
  ReplaySubject,
  share,
  startWith,
  Subject,
  Subscription,
  switchMap,
  take,
  takeUntil,
  tap,
  throwError,
  throwIfEmpty,
  timer,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import { mapError } from '../map-error.js';
import { InvalidOptionsError, SigningError } from '../model/errors/errors.js';
import type { ObsCredentials } from '../model/credentials.js';
import { monotonicNow } from '../time.js';
import { fromPort } from '../ports/from-port.js';
import type { Clock } from '../connection/clock.js';
import { isPrintableAscii, show } from '../validation/check.js';
import { readExpiry } from './expiry.js';

/** The credentials in use: fetched once however many requests wait for them. */
export interface CredentialsHolder {
  /** The credentials if they are cached and valid, even while they are renewed; null: subscribe to `current$`. */
  readonly held: () => ObsCredentials | null;
  /**
   * The credentials to sign with now. Fails with a `SigningError` if there are none.
   * @param withinMs - how long the request waits: a call that has taken longer is given up, and made again for all
   */
  readonly current$: (withinMs: number) => Observable<ObsCredentials>;
  /** Stops using credentials that the service refused. @returns whether others can be fetched */
  readonly discard: (refused: ObsCredentials) => boolean;
  /**
   * Fetches again, although the credentials may be valid, so they stay usable.
   * @returns whether others can be fetched
   */
  readonly renew: (doubtful: ObsCredentials) => boolean;
  /** Whether a waiting request that was signed with these credentials may still be sent. */
  isUsable(credentials: ObsCredentials): boolean;
  /** Call when the service accepts the credentials. */
  succeeded(): void;
}

/** Credentials are renewed this long before they expire, and used until then: the backend may be down for a while. */
const RENEW_AHEAD_MS = 60_000;
/** The pause between calls ahead of the expiry: they may fail, or return what is held until it expires. */
const CALL_AGAIN_MS = 10_000;
/** How long refused credentials are not tried again: a service that sees many wrong signatures locks the key. */
const HOLD_BACK_MS = 30_000;

export function holdCredentials(
  credentials: ObsCredentials | (() => ObservableInput<ObsCredentials>),
  clock: Clock,
): CredentialsHolder {
  return typeof credentials === 'function' ? provided(credentials, clock) : fixed(credentials);
}

/** Fixed credentials that have worked are valid: later refusals have another reason. */
function fixed(credentials: ObsCredentials): CredentialsHolder {
  const refusals = rememberRefusals();
  let haveWorked = false;
  return {
    held: () => (refusals.include(credentials) ? null : credentials),
    current$: () => defer(() => (refusals.include(credentials) ? throwError(heldBack) : of(credentials))),
    discard(used) {
      if (!haveWorked) refusals.add(used);
      return false;
    },
    renew: () => false,
    isUsable: (used) => !refusals.include(used),
    succeeded: () => void (haveWorked = true),
  };
}

function provided(credentials: () => ObservableInput<ObsCredentials>, clock: Clock): CredentialsHolder {
  const refusals = rememberRefusals();
  let held: ObsCredentials | null = null;
  let calledAt = -Infinity;
  let renewal = Subscription.EMPTY;
  const callAgain$ = new Subject<void>();

  const valid = (): ObsCredentials | null => (held === null || msLeft(held, clock) <= 0 ? null : held);

  const fetched$ = callAgain$.pipe(
    startWith(null),
    switchMap(() => {
      calledAt = monotonicNow();
      return given$(credentials).pipe(
        throwIfEmpty(() => new UnusableCredentials('The credentials function returned nothing.')),
      );
    }),
    take(1),
    map((fresh) => readCredentials(fresh, clock.now())),
    tap((fresh) => {
      if (refusals.include(fresh))
        throw new UnusableCredentials('The credentials function returned the refused credentials again.');
      // A backend of several machines may return older ones than before.
      const current = valid();
      if (current === null || msLeft(fresh, clock) >= msLeft(current, clock)) held = fresh;
    }),
    // One call for all waiting requests; the next call after it has ended.
    share({ connector: () => new ReplaySubject<ObsCredentials>(1) }),
    // A separate error for each waiting request: uploads add their checkpoints to it.
    mapError(credentialsError),
  );

  const renew = (used: ObsCredentials): boolean => {
    if (held !== null && identityOf(held) === identityOf(used)) held = null;
    return true;
  };

  /** For the connection: no request waits for this call, fails with it, or ends it by being unsubscribed. */
  const renewAhead = (): void => {
    if (!renewal.closed || monotonicNow() - calledAt < CALL_AGAIN_MS) return;
    // A call that never responds must not prevent the next one.
    renewal = fetched$.pipe(takeUntil(timer(RENEW_AHEAD_MS))).subscribe({ error: () => undefined });
  };

  const usable = (): ObsCredentials | null => {
    const found = valid();
    if (found === null || msLeft(found, clock) >= RENEW_AHEAD_MS) return found;
    renewAhead();
    // Others, if the function has returned them at once.
    return valid();
  };

  return {
    held: usable,
    current$: (withinMs) =>
      defer(() => {
        if (monotonicNow() - calledAt >= withinMs) callAgain$.next();
        const now = usable();
        return now === null ? fetched$ : of(now);
      }),
    discard(used) {
      refusals.add(used);
      return renew(used);
    },
    renew,
    isUsable: (used) => !refusals.include(used) && msLeft(used, clock) > 0,
    succeeded: () => undefined,
  };
}

/** Accepts credentials that are returned directly, without a Promise or an Observable. */
export function given$(credentials: () => unknown): Observable<unknown> {
  const given = credentials();
  if (areCredentials(given)) return of(given);
  return fromPort(given as ObservableInput<unknown>, 'credentials');
}

interface Refusals {
  add(credentials: ObsCredentials): void;
  include(credentials: ObsCredentials): boolean;
}

function rememberRefusals(): Refusals {
  const refusedAt = new Map<string, number>();
  return {
    add: (credentials) => void refusedAt.set(identityOf(credentials), monotonicNow()),
    include: (credentials) => {
      if (refusedAt.size === 0) return false;
      return monotonicNow() - (refusedAt.get(identityOf(credentials)) ?? -Infinity) < HOLD_BACK_MS;
    },
  };
}

function heldBack(): SigningError {
  return new SigningError(
    'credentials',
    'The service has just refused these credentials, so nothing more was sent with them. Check them.',
  );
}

function msLeft({ expiresAt }: ObsCredentials, clock: Clock): number {
  return (expiresAt ?? Infinity) - clock.now();
}

class UnusableCredentials extends Error {}

function readCredentials(given: unknown, now: number): ObsCredentials {
  if (!areCredentials(given)) {
    throw new UnusableCredentials('The credentials function returned no accessKeyId and secretAccessKey.');
  }
  return withExpiry(given, now);
}

function credentialsError(cause: unknown): SigningError {
  if (cause instanceof UnusableCredentials || cause instanceof InvalidOptionsError)
    return new SigningError('credentials', cause.message);
  const message = 'The credentials function failed, so there are no credentials to sign with.';
  return new SigningError('credentials', message, { retryable: true, cause });
}

function identityOf({ accessKeyId, secretAccessKey, securityToken }: ObsCredentials): string {
  return JSON.stringify([accessKeyId, secretAccessKey, securityToken ?? null]);
}

/** Whether these are usable credentials: they are sent in headers, so they must not have line breaks. */
export function areCredentials(value: unknown): value is ObsCredentials {
  const { accessKeyId, secretAccessKey, securityToken } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const hasToken = securityToken !== undefined && securityToken !== null && securityToken !== '';
  return isPrintable(accessKeyId) && isPrintable(secretAccessKey) && (!hasToken || isPrintable(securityToken));
}

/**
 * The same credentials with `expiresAt` in epoch milliseconds.
 * @param now - epoch milliseconds; without it, durations are not detected
 * @throws InvalidOptionsError if the unit of `expiresAt` is not clear
 */
export function withExpiry(credentials: ObsCredentials, now = 0): ObsCredentials {
  const given: unknown = credentials.expiresAt;
  const expiresAt = readExpiry(given, now);
  if (expiresAt === undefined) {
    throw new InvalidOptionsError(
      'credentials.expiresAt',
      `expiresAt of the credentials must be the time at which they expire, in epoch milliseconds, such as ` +
        `1790000000000; it is ${show(given)}. Epoch seconds, a Date, and ISO 8601 text with a time zone are ` +
        'understood too.',
    );
  }
  return expiresAt === (given ?? null) ? credentials : { ...credentials, expiresAt };
}

function isPrintable(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && isPrintableAscii(value);
}
