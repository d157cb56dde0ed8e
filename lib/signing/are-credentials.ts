import { InvalidOptionsError } from '../model/errors/invalid-options-error.js';
import type { ObsCredentials } from '../model/credentials.js';
import { show } from '../validation/check.js';
import { readExpiry } from './expiry.js';

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
  return typeof value === 'string' && /^[\u0020-\u007e]+$/.test(value);
}
