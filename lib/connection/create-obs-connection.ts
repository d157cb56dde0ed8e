import { defer, from } from 'rxjs';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { requireInteger } from '../input/check.js';
import { areCredentials } from '../input/credentials.js';
import { resolveEndpoint } from '../input/resolve-endpoint.js';
import type { ObsConnectionOptions } from '../model/connection-options.js';
import { serverOf } from '../protocol/endpoint.js';
import { obsSigner } from '../signing/obs-signer.js';
import { defaultTransport } from '../transport/default-transport.js';
import { createClock } from './clock.js';
import { holdCredentials } from './credentials.js';
import type { ObsConnection } from './obs-connection.js';
import { browserOnline$ } from './online.js';
import { createPool } from './pool.js';

/**
 * Names a store and the keys for it. Nothing is sent yet.
 *
 * @example
 * ```ts
 * const obs = createObsConnection({
 *   server: 'https://obs.ap-southeast-1.myhuaweicloud.com',
 *   credentials: () => fetchTemporaryCredentials(),
 * });
 * ```
 * @throws InvalidOptionsError
 */
export function createObsConnection(options: ObsConnectionOptions): ObsConnection {
  const endpoint = resolveEndpoint(options.server, options.addressing, options.allowInsecure === true);
  const { serverTime } = options;
  const clock = createClock();
  return {
    server: serverOf(endpoint),
    shared: {
      endpoint,
      clock,
      signer: options.signer ?? obsSigner(),
      credentials: holdCredentials(requireCredentials(options.credentials), clock),
      serverTime$: serverTime === undefined ? null : defer(() => from(serverTime())),
      transport: options.transport ?? defaultTransport(),
      pool: createPool(
        requireInteger('maxConcurrentRequests', options.maxConcurrentRequests ?? 6, 1, Number.POSITIVE_INFINITY),
      ),
      online$: options.online$ ?? browserOnline$(),
    },
  };
}

function requireCredentials(credentials: unknown): ObsConnectionOptions['credentials'] {
  if (typeof credentials === 'function') return credentials as ObsConnectionOptions['credentials'];
  if (areCredentials(credentials)) return credentials;
  throw new InvalidOptionsError(
    'credentials',
    'credentials must be { accessKeyId, secretAccessKey, securityToken? } without line breaks, or a function that gets them.',
  );
}
