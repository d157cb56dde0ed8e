import { signHeader } from './header-signature.js';
import type { HmacSha1Scheme } from './hmac-sha1-scheme.js';
import { signQuery } from './query-signature.js';
import type { Signer, UrlSigner } from './signer.js';

/** The common part of `obsSigner` and `v2Signer`, which differ only in names. */
export function hmacSha1Signer(scheme: HmacSha1Scheme): Signer & UrlSigner {
  return {
    dialect: scheme.dialect,
    sign: (request, context) => [signHeader(request, context, scheme)],
    presign: (request, context) => signQuery(request, context, scheme),
  };
}
