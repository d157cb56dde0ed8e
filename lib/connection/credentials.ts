import {
  asyncScheduler,
  catchError,
  defer,
  from,
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
import { SigningError } from '../errors/signing-error.js';
import type { ObsCredentials } from '../model/credentials.js';
import type { Clock } from './clock.js';

/** The keys in use: got once however many requests wait for them. */
export interface CredentialsHolder {
  /** The keys to sign with now. Fails with a `SigningError` when there are none. */
  readonly current$: Observable<ObsCredentials>;
  /** Whether other keys can be had than these, which the service refused. Static keys are all there is. */
  discard(refused: ObsCredentials): boolean;
  /** Whether what waits to be sent may still go out signed with these keys. */
  isUsable(credentials: ObsCredentials): boolean;
  /** The service has taken the keys. */
  succeeded(): void;
}

/** Keys are renewed this long before they expire, so that no request meets their end. */
const RENEW_AHEAD_MS = 60_000;

export function holdCredentials(
  credentials: ObsCredentials | (() => ObservableInput<ObsCredentials>),
  clock: Clock,
): CredentialsHolder {
  return typeof credentials === 'function' ? provided(credentials, clock) : fixed(credentials);
}

/** What waits to be sent fails for so long after a refusal: a service that meets many wrong signatures locks the key. */
const HOLD_BACK_MS = 30_000;

/** Keys that have worked are right: what is refused later is refused for another reason. */
function fixed(credentials: ObsCredentials): CredentialsHolder {
  let haveWorked = false;
  let refusedAt = Number.NEGATIVE_INFINITY;
  const isUsable = (): boolean => asyncScheduler.now() - refusedAt >= HOLD_BACK_MS;
  return {
    current$: defer(() => (isUsable() ? of(credentials) : throwError(() => heldBack()))),
    isUsable,
    discard() {
      if (!haveWorked) refusedAt = asyncScheduler.now();
      return false;
    },
    succeeded: () => void (haveWorked = true),
  };
}

function heldBack(): SigningError {
  return new SigningError(
    'credentials',
    'The service has just refused these keys, so nothing more was sent with them. Check them.',
  );
}

function provided(credentials: () => ObservableInput<ObsCredentials>, clock: Clock): CredentialsHolder {
  let held: ObsCredentials | null = null;
  const refused = new Set<string>();

  const fetched$ = defer(() => from(credentials())).pipe(
    take(1),
    throwIfEmpty(() => new UnusableKeys('The credentials function gave nothing.')),
    map((fresh) => checked(fresh, refused)),
    tap((fresh) => (held = fresh)),
    // One call for all who wait; the next call after it has ended.
    share({ connector: () => new ReplaySubject<ObsCredentials>(1) }),
    // An error of its own for each who waits: uploads write their checkpoints into them.
    catchError((cause: unknown) => throwError(() => credentialsError(cause))),
  );

  return {
    current$: defer(() => (held !== null && !isExpiring(held, clock) ? of(held) : fetched$)),
    discard(used) {
      refused.add(identityOf(used));
      if (held !== null && identityOf(held) === identityOf(used)) held = null;
      return true;
    },
    isUsable: (used) => !refused.has(identityOf(used)),
    succeeded: () => undefined,
  };
}

function isExpiring({ expiresAt }: ObsCredentials, clock: Clock): boolean {
  return typeof expiresAt === 'number' && expiresAt - clock.now() < RENEW_AHEAD_MS;
}

class UnusableKeys extends Error {}

function checked(fresh: ObsCredentials, refused: ReadonlySet<string>): ObsCredentials {
  if (typeof fresh.accessKeyId !== 'string' || typeof fresh.secretAccessKey !== 'string') {
    throw new UnusableKeys('The credentials function gave no accessKeyId and secretAccessKey.');
  }
  if (refused.has(identityOf(fresh))) {
    throw new UnusableKeys('The credentials function gave the same keys again that the service refused.');
  }
  return fresh;
}

function credentialsError(cause: unknown): SigningError {
  if (cause instanceof UnusableKeys) return new SigningError('credentials', cause.message);
  const message = 'The credentials function failed, so there are no keys to sign with.';
  return new SigningError('credentials', message, { retryable: true, cause });
}

function identityOf({ accessKeyId, secretAccessKey, securityToken }: ObsCredentials): string {
  return JSON.stringify([accessKeyId, secretAccessKey, securityToken ?? null]);
}
