import { obsDialect } from '../protocol/dialect.js';
import { hmacSha1Signer } from './hmac-sha1-signer.js';
import type { Signer, UrlSigner } from './signer.js';

/** Signs as OBS does: `Authorization: OBS …` (OBS REST reference, "Authentication of Signature in a Header"). */
export function obsSigner(): Signer & UrlSigner {
  return hmacSha1Signer({ name: 'OBS', dialect: obsDialect, accessKeyParameter: 'AccessKeyId' });
}
