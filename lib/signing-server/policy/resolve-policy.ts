import { InvalidOptionsError } from '../../index.js';
import { requireInteger } from '../../validation/check.js';
import { sharedOf, type ObsConnection } from '../../connection/obs-connection.js';
import type { Endpoint } from '../../protocol/request/endpoint.js';
import { Refusal } from '../refusal.js';
import type { SigningPolicy, SigningUser } from './signing-policy.js';

/** A policy with every default, and the store that it is for. */
export interface ResolvedPolicy extends Required<{ [K in keyof SigningPolicy]: NonNullable<SigningPolicy[K]> }> {
  readonly endpoint: Endpoint;
  readonly headerPrefix: 'x-obs-' | 'x-amz-';
}

/**
 * The default of `SigningPolicy.keyPrefix`: a folder that belongs to one user.
 *
 * @example
 * ```ts
 * const policy = { buckets: ['media'], keyPrefix: (user) => `${keyPrefixOf(user)}videos/` };
 * ```
 */
export function keyPrefixOf({ id }: SigningUser): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw new Refusal('The user has no folder.');
  return `users/${id}/`;
}

const MIB = 1024 * 1024;
const MAX_SECONDS = 300;
const MAX_UNFINISHED = 1000;

/** @throws InvalidOptionsError */
export function resolvePolicy(policy: SigningPolicy, connection: ObsConnection): ResolvedPolicy {
  const { endpoint, signer } = sharedOf(connection);
  const buckets: unknown = policy.buckets;
  if (!Array.isArray(buckets) || buckets.length === 0 || !buckets.every((bucket) => isText(bucket))) {
    throw new InvalidOptionsError('policy.buckets', 'policy.buckets must be a list of at least one bucket.');
  }
  const keyPrefix = policy.keyPrefix ?? keyPrefixOf;
  if (typeof keyPrefix !== 'function') {
    throw new InvalidOptionsError('policy.keyPrefix', 'policy.keyPrefix must be a function of the user.');
  }
  const limit = (name: Limit, fallback: number, least: number, most: number = Number.MAX_SAFE_INTEGER): number =>
    requireInteger(`policy.${name}`, policy[name] ?? fallback, least, most);
  return {
    endpoint,
    headerPrefix: signer.dialect.headerPrefix,
    buckets,
    keyPrefix,
    allowedHeaders: lowerCaseNames('policy.allowedHeaders', policy.allowedHeaders ?? []),
    allowedTypes: lowerCaseNames('policy.allowedTypes', policy.allowedTypes ?? []),
    maxPartBytes: limit('maxPartBytes', 64 * MIB, 1),
    maxObjectBytes: limit('maxObjectBytes', 10 * 1024 * MIB, 1),
    maxPutBytes: limit('maxPutBytes', 64 * MIB, 0),
    expiresInSeconds: Math.min(limit('expiresInSeconds', MAX_SECONDS, 1), MAX_SECONDS),
    maxUnfinishedUploads: Math.min(limit('maxUnfinishedUploads', 200, 1), MAX_UNFINISHED),
    maxStoreCallsPerMinute: limit('maxStoreCallsPerMinute', 600, 1),
    maxSignaturesPerMinute: limit('maxSignaturesPerMinute', 6000, 1),
  };
}

/** A string has `includes` too, and would allow its substrings; a name in upper case would never be found. */
function lowerCaseNames(option: string, names: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(names) ? names : [null];
  return list.map((name) => {
    if (isText(name) && name === name.toLowerCase()) return name;
    throw new InvalidOptionsError(option, `${option} must be a list of names in lower case.`);
  });
}

type Limit = {
  [K in keyof SigningPolicy]-?: NonNullable<SigningPolicy[K]> extends number ? K : never;
}[keyof SigningPolicy];

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
