import type { ObsCredentials } from '../model/credentials.js';

/** The services refuse a signature in a header that is 15 minutes old. */
export const HEADER_VALID_FOR_MS: number = 15 * 60_000;

/**
 * Until when a signed URL works: temporary credentials take it with them when they expire.
 * @returns epoch milliseconds
 */
export function urlExpiresAt(expiresAt: number, credentials: ObsCredentials): number {
  return Math.min(expiresAt, credentials.expiresAt ?? expiresAt);
}
