import { defer, fromEvent, identity, map, merge, of, type Observable } from 'rxjs';
import { InvalidOptionsError } from '../model/errors/errors.js';
import { requireInteger } from '../validation/check.js';
import { areCredentials, holdCredentials, withExpiry } from '../signing/credentials.js';
import { resolveAllowedHosts, resolveEndpoint } from './resolve-endpoint.js';
import type { ObsConnectionOptions, PresigningOptions, SigningOptions } from './options.js';
import { obsSigner } from '../signing/v2.js';
import { fromPort, toObservable } from '../ports/from-port.js';
import { defaultTransport } from '../ports/transport/browser-transport.js';
import { createClock, type Clock } from './clock.js';
import { connectionOver, createRequestLog, type ObsConnection, type SharedParts } from './obs-connection.js';
import { createPool } from './pool.js';
import { presigned } from '../signing/presign.js';

/**
 * Configures a store and how requests to it are signed: with `credentials` or by a backend (`presign`). Sends nothing.
 *
 * @example
 * ```ts
 * const obs = createObsConnection({
 *   server: 'https://obs.ap-southeast-1.myhuaweicloud.com',
 *   credentials: () => fetchTemporaryCredentials(),
 * });
 * ```
 * @example
 * ```ts
 * const obs = createObsConnection({
 *   server: 'https://obs.ap-southeast-1.myhuaweicloud.com',
 *   presign: (requests) => http.post<SignedRequest[]>('/api/sign', requests),
 * });
 * ```
 * @throws InvalidOptionsError
 */
export function createObsConnection(options: ObsConnectionOptions): ObsConnection {
  const allowInsecure = options.allowInsecure === true;
  const endpoint = resolveEndpoint(options.server, options.addressing, allowInsecure);
  const { serverTime } = options;
  const clock = createClock();
  return connectionOver({
    endpoint,
    clock,
    ...whoSigns(options, clock),
    allowedHosts: resolveAllowedHosts(options.allowedHosts ?? [], endpoint, allowInsecure),
    serverTime$: serverTime === undefined ? null : defer(() => fromPort(serverTime(), 'serverTime')),
    transport: options.transport ?? defaultTransport(),
    pool: createPool(requireInteger('maxConcurrentRequests', options.maxConcurrentRequests ?? 6, 1)),
    requests: createRequestLog(),
    online$: options.online$ === undefined ? browserOnline$() : toObservable(options.online$),
    around: identity,
    remote: null,
  });
}

function whoSigns(
  options: SigningOptions | PresigningOptions,
  clock: Clock,
): Pick<SharedParts, 'signer' | 'credentials'> {
  if (options.presign === undefined) {
    refuse(options, ['dialect', 'allowedHosts'], 'goes with presign alone.');
    const credentials = holdCredentials(requireCredentials(options.credentials), clock);
    return { signer: options.signer ?? obsSigner(), credentials };
  }
  refuse(
    options,
    ['credentials', 'signer'],
    'cannot be used together with presign: either this library signs, or a backend does.',
  );
  if (typeof options.presign === 'function') return presigned(options, clock);
  throw new InvalidOptionsError('presign', 'presign must be a function that gets requests signed.');
}

/** For callers without types. */
function refuse(
  options: SigningOptions | PresigningOptions,
  names: readonly (keyof typeof options)[],
  why: string,
): void {
  const given = names.find((name) => options[name] !== undefined);
  if (given !== undefined) throw new InvalidOptionsError(given, `${given} ${why}`);
}

function requireCredentials(credentials: unknown): SigningOptions['credentials'] {
  if (typeof credentials === 'function') return credentials as SigningOptions['credentials'];
  if (areCredentials(credentials)) return withExpiry(credentials);
  throw new InvalidOptionsError(
    'credentials',
    'credentials must be { accessKeyId, secretAccessKey, securityToken? } without line breaks, or a function that ' +
      'returns them; or set presign.',
  );
}

interface Surroundings {
  readonly navigator?: { readonly onLine?: boolean };
  readonly addEventListener?: unknown;
}

/** The browser's online state, at first and on each change; elsewhere always online. */
function browserOnline$(): Observable<boolean> {
  return defer(() => {
    const { navigator, addEventListener } = globalThis as Surroundings;
    if (typeof addEventListener !== 'function' || typeof navigator?.onLine !== 'boolean') return of(true);
    const changes$ = merge(fromEvent(globalThis, 'online'), fromEvent(globalThis, 'offline'));
    return merge(of(null), changes$).pipe(map(() => navigator.onLine !== false));
  });
}
