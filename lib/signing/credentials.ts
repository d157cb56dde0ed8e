import {
  catchError,
  defer,
  map,
  of,
  ReplaySubject,
  share,
  take,
  tap,
  throwError,
  throwIfEmpty,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import { InvalidOptionsError } from '../model/errors/invalid-options-error.js';
import { SigningError } from '../model/errors/signing-error.js';
import type { ObsCredentials } from '../model/credentials.js';
import { monotonicNow } from '../time.js';
import { areCredentials, withExpiry } from './are-credentials.js';
import { fromPort } from '../ports/from-port.js';
import type { Clock } from '../connection/clock.js';

/** The keys in use: got once however many requests wait for them. */
export interface CredentialsHolder {
  /** The credentials where they are at hand and usable; null: ask `current$`. */
  readonly held: () => ObsCredentials | null;
  /** The keys to sign with now. Fails with a `SigningError` when there are none. */
  readonly current$: Observable<ObsCredentials>;
  /** Whether other keys can be had than these, which the service refused: nothing more goes out with them. */
  readonly discard: (refused: ObsCredentials) => boolean;
  /** Whether keys can be got anew; these may be in order, so they stay usable. */
  readonly renew: (doubtful: ObsCredentials) => boolean;
  /** Whether what waits to be sent may still go out signed with these keys. */
  isUsable(credentials: ObsCredentials): boolean;
  /** The service has taken the keys. */
  succeeded(): void;
}

/** Keys are renewed this long before they expire, so that no request meets their end. */
const RENEW_AHEAD_MS = 60_000;
/** Refused keys are not tried again for so long: a service that meets many wrong signatures locks the key. */
const HOLD_BACK_MS = 30_000;

export function holdCredentials(
  credentials: ObsCredentials | (() => ObservableInput<ObsCredentials>),
  clock: Clock,
): CredentialsHolder {
  return typeof credentials === 'function' ? provided(credentials, clock) : fixed(credentials);
}

/** Keys that have worked are right: what is refused later is refused for another reason. */
function fixed(credentials: ObsCredentials): CredentialsHolder {
  const refusals = rememberRefusals();
  let haveWorked = false;
  return {
    held: () => (refusals.include(credentials) ? null : credentials),
    current$: defer(() => (refusals.include(credentials) ? throwError(heldBack) : of(credentials))),
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

  const fetched$ = defer(() => given$(credentials)).pipe(
    take(1),
    throwIfEmpty(() => new UnusableKeys('The credentials function gave nothing.')),
    map((fresh) => readCredentials(fresh, clock.now())),
    tap((fresh) => {
      if (refusals.include(fresh)) throw new UnusableKeys('The credentials function gave the refused keys again.');
      held = fresh;
    }),
    // One call for all who wait; the next call after it has ended.
    share({ connector: () => new ReplaySubject<ObsCredentials>(1) }),
    // An error of its own for each who waits: uploads write their checkpoints into them.
    catchError((cause: unknown) => throwError(() => credentialsError(cause))),
  );

  const renew = (used: ObsCredentials): boolean => {
    if (held !== null && identityOf(held) === identityOf(used)) held = null;
    return true;
  };

  const usable = (): ObsCredentials | null => (held !== null && !isExpiring(held, clock) ? held : null);

  return {
    held: usable,
    current$: defer(() => {
      const now = usable();
      return now === null ? fetched$ : of(now);
    }),
    discard(used) {
      refusals.add(used);
      return renew(used);
    },
    renew,
    isUsable: (used) => !refusals.include(used),
    succeeded: () => undefined,
  };
}

/** Credentials that are returned as they are, without a Promise or an Observable, are meant as such. */
function given$(credentials: () => unknown): Observable<unknown> {
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
      return monotonicNow() - (refusedAt.get(identityOf(credentials)) ?? Number.NEGATIVE_INFINITY) < HOLD_BACK_MS;
    },
  };
}

function heldBack(): SigningError {
  return new SigningError(
    'credentials',
    'The service has just refused these keys, so nothing more was sent with them. Check them.',
  );
}

function isExpiring({ expiresAt }: ObsCredentials, clock: Clock): boolean {
  return typeof expiresAt === 'number' && expiresAt - clock.now() < RENEW_AHEAD_MS;
}

class UnusableKeys extends Error {}

function readCredentials(given: unknown, now: number): ObsCredentials {
  if (!areCredentials(given)) {
    throw new UnusableKeys('The credentials function gave no accessKeyId and secretAccessKey.');
  }
  return withExpiry(given, now);
}

function credentialsError(cause: unknown): SigningError {
  if (cause instanceof UnusableKeys || cause instanceof InvalidOptionsError)
    return new SigningError('credentials', cause.message);
  const message = 'The credentials function failed, so there are no keys to sign with.';
  return new SigningError('credentials', message, { retryable: true, cause });
}

function identityOf({ accessKeyId, secretAccessKey, securityToken }: ObsCredentials): string {
  return JSON.stringify([accessKeyId, secretAccessKey, securityToken ?? null]);
}
