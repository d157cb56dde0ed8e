import { InvalidOptionsError } from '../../model/errors/errors.js';
import { requireHeaderText } from '../../validation/check.js';
import type { ObsCredentials } from '../../model/credentials.js';

/** The credentials as the official SDK accepts them: trimmed, an empty token means none. */
export function requireCredentials(
  accessKeyId: unknown,
  secretAccessKey: unknown,
  securityToken: unknown,
): ObsCredentials {
  const token = securityToken === undefined || securityToken === null ? '' : securityToken;
  return {
    accessKeyId: requireTrimmed('access_key_id', accessKeyId),
    secretAccessKey: requireTrimmed('secret_access_key', secretAccessKey),
    securityToken: requireHeaderText('security_token', token).trim() || null,
  };
}

function requireTrimmed(option: string, value: unknown): string {
  const trimmed = typeof value === 'string' ? value.trim() : '';
  // Without the value in the message: it may be a secret.
  if (trimmed === '') throw new InvalidOptionsError(option, `${option} must be a non-empty string.`);
  return requireHeaderText(option, trimmed);
}
