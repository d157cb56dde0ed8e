import { InvalidOptionsError } from '../../model/errors/invalid-options-error.js';
import { requireHeaderText } from '../../validation/check.js';
import type { ObsCredentials } from '../../model/credentials.js';

/** The keys as the official SDK takes them: trimmed, an empty token is none. */
export function requireKeys(accessKeyId: unknown, secretAccessKey: unknown, securityToken: unknown): ObsCredentials {
  const token = securityToken === undefined || securityToken === null ? '' : securityToken;
  return {
    accessKeyId: requireTrimmed('access_key_id', accessKeyId),
    secretAccessKey: requireTrimmed('secret_access_key', secretAccessKey),
    securityToken: requireHeaderText('security_token', token).trim() || null,
  };
}

function requireTrimmed(option: string, value: unknown): string {
  const trimmed = typeof value === 'string' ? value.trim() : '';
  // Says what is wrong without the value: it may be a secret.
  if (trimmed === '') throw new InvalidOptionsError(option, `${option} must be a non-empty string.`);
  return requireHeaderText(option, trimmed);
}
