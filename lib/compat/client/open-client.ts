import { createObsConnection } from '../../connection/create-obs-connection.js';
import { sharedOf, withShared, type ObsConnection } from '../../connection/obs-connection.js';
import { InvalidOptionsError } from '../../model/errors/errors.js';
import { requireOneOf } from '../../validation/check.js';
import { obsSigner, v2Signer } from '../../signing/v2.js';
import type { Signer, UrlSigner } from '../../signing/signer.js';
import { v4Signer } from '../../signing/v4.js';
import type { ObsClientOptions } from '../model/client.js';
import { requireCredentials } from './require-credentials.js';
import { refreshableCredentials, type RefreshableCredentials } from './refreshable-credentials.js';
import { addressingOf, serverUrlOf } from './server-url.js';

/** Shared by all calls of one client. */
export interface OpenClient {
  readonly connection: ObsConnection;
  readonly credentials: RefreshableCredentials;
  readonly signer: Signer & UrlSigner;
  readonly stallTimeoutMs: number;
}

const DEFAULT_TIMEOUT_SECONDS = 300;
const SIGNATURES = ['obs', 'v2', 'v4'] as const;

/** @throws InvalidOptionsError naming the option */
export function openClient(options: ObsClientOptions): OpenClient {
  const initial = requireCredentials(options.access_key_id, options.secret_access_key, options.security_token);
  for (const name of ['is_secure', 'path_style', 'is_cname'] as const) requireFlag(name, options[name]);
  const server = serverUrlOf(options);
  const addressing = addressingOf(options, server);
  const signer = signerOf(options);
  const connection = createObsConnection({
    server,
    credentials: initial,
    signer,
    // An http server is allowed, as in the official SDK.
    allowInsecure: true,
    ...(addressing === undefined ? {} : { addressing }),
    ...(options.transport === undefined ? {} : { transport: options.transport }),
    ...(options.max_concurrent_requests === undefined
      ? {}
      : { maxConcurrentRequests: options.max_concurrent_requests }),
  });
  const credentials = refreshableCredentials(initial, sharedOf(connection).clock);
  return {
    connection: withShared(connection, { credentials }),
    credentials,
    signer,
    stallTimeoutMs: stallTimeoutOf(options.timeout),
  };
}

function signerOf({ signature, region }: ObsClientOptions): Signer & UrlSigner {
  const text: unknown = typeof signature === 'string' ? signature.trim().toLowerCase() : signature;
  switch (requireOneOf('signature', text ?? 'obs', SIGNATURES)) {
    case 'obs':
      return obsSigner();
    case 'v2':
      return v2Signer();
    case 'v4':
      return v4Signer({ region: region ?? '' });
  }
}

/** The official SDK aborts a request that takes that long; here one without progress for that long. */
function stallTimeoutOf(timeout: number | string | undefined): number {
  const seconds = timeout === undefined ? 0 : Number(timeout);
  if (Number.isFinite(seconds) && seconds >= 0) return (seconds || DEFAULT_TIMEOUT_SECONDS) * 1000;
  throw new InvalidOptionsError('timeout', 'timeout must be a number of seconds.');
}

function requireFlag(option: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  throw new InvalidOptionsError(option, `${option} must be true or false.`);
}
