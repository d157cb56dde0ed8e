import { signHeader } from './header-signature.js';
import type { HmacSha1Scheme } from './hmac-sha1-scheme.js';
import { signQuery } from './query-signature.js';
import type { Signer, UrlSigner } from './signer.js';

/** What `obsSigner` and `v2Signer` have in common: all but names. */
export function hmacSha1Signer(scheme: HmacSha1Scheme): Signer & UrlSigner {
  return {
    dialect: scheme.dialect,
    sign: (request, context) => [signHeader(request, context, scheme)],
    presign: (request, context) => signQuery(request, context, scheme),
  };
}
