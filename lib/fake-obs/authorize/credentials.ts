import type { HeaderPrefix } from '../request/request.js';
import type { FakeCredentials, ObsConfig } from '../state/config.js';
import { Refusal } from '../response/refusal.js';

/**
 * The credentials that an access key and a security token name.
 * @throws {@link Refusal} InvalidAccessKeyId; for S3 dialects InvalidToken or ExpiredToken; InvalidSecurity where a
 * token comes with credentials that have none
 */
export function findCredentials(
  accessKeyId: string,
  token: string | null,
  prefix: HeaderPrefix,
  config: ObsConfig,
): FakeCredentials {
  const known = config.credentials().filter((credentials) => credentials.accessKeyId === accessKeyId);
  if (known.length === 0) throw new Refusal('InvalidAccessKeyId');
  const found = known.find((credentials) => (credentials.securityToken ?? null) === token);
  if (found === undefined)
    throw wrongToken(
      prefix,
      known.every((credentials) => !credentials.securityToken),
    );
  if (found.expiresAt != null && found.expiresAt <= config.now()) {
    throw prefix === 'x-amz-' ? new Refusal('ExpiredToken') : invalidToken();
  }
  return found;
}

function wrongToken(prefix: HeaderPrefix, isPermanent: boolean): Refusal {
  if (prefix === 'x-amz-') return new Refusal('InvalidToken');
  return isPermanent ? new Refusal('InvalidSecurity') : invalidToken();
}

/** OBS responds so to a token that is damaged, missing or expired. */
function invalidToken(): Refusal {
  return new Refusal('InvalidAccessKeyId', 'The security token is invalid.');
}

/** @throws {@link Refusal} RequestTimeTooSkewed */
export function checkSkew(time: number, config: ObsConfig): void {
  const now = config.now();
  if (Math.abs(now - time) <= config.maxSkewMs) return;
  throw new Refusal('RequestTimeTooSkewed', undefined, {
    RequestTime: new Date(time).toUTCString(),
    ...(config.tellsServerTime ? { ServerTime: new Date(now).toISOString() } : {}),
    MaxAllowedSkewMilliseconds: String(config.maxSkewMs),
  });
}
