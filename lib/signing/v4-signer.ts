import { InvalidOptionsError } from '../model/errors/invalid-options-error.js';
import { s3Dialect } from '../protocol/dialect.js';
import type { Signer, UrlSigner } from './signer.js';
import { signV4Header } from './v4-header-signature.js';
import { signV4Query } from './v4-query-signature.js';
import { v4Scope } from './v4-scope.js';

export interface V4SignerOptions {
  /** Of the bucket, such as `eu-west-1`; many S3-compatible stores take any, Cloudflare R2 wants `auto`. */
  readonly region: string;
  /** @defaultValue 's3' */
  readonly service?: string | undefined;
}

/**
 * Signs as AWS Signature Version 4, which nearly every S3-compatible store takes. Bodies of up to 64 KiB that are in
 * memory are covered by their SHA-256, others go as UNSIGNED-PAYLOAD.
 * @throws InvalidOptionsError
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function v4Signer({ region, service = 's3' }: V4SignerOptions): Signer & UrlSigner {
  const scope = v4Scope(requireName('region', region), requireName('service', service));
  return {
    dialect: s3Dialect,
    sign: (request, context) => [signV4Header(request, context, scope)],
    presign: (request, context) => signV4Query(request, context, scope),
  };
}

/** It stands between slashes in the scope. */
function requireName(option: string, value: unknown): string {
  if (typeof value === 'string' && /^[\w.-]+$/.test(value)) return value;
  throw new InvalidOptionsError(option, `${option} must be a name of letters, digits and hyphens, such as us-east-1.`);
}
