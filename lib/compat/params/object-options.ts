import type { Untrusted } from '../../validation/check.js';
import { readObjectOptions } from '../../validation/object-options.js';
import type { ObjectOptions } from '../../model/object-options.js';
import type { CompletionParams, HttpParams, ObjectParams } from '../model/object-params.js';
import { sseOf } from './sse.js';

type Params = Partial<ObjectParams & HttpParams & CompletionParams>;

/**
 * The object's options as validated options of the library, without a customer's key.
 * @throws InvalidOptionsError
 */
export function objectOptionsOf(params: Params): ObjectOptions {
  return readObjectOptions(definedOf({ ...untrustedOptionsOf(params), sse: sseOf(params) }));
}

/** The same, not validated, for `uploadFile$`. */
export function untrustedOptionsOf(params: Params): Untrusted {
  return definedOf({
    contentType: params.ContentType,
    acl: typeof params.ACL === 'string' ? params.ACL.toLowerCase() : params.ACL,
    storageClass: storageClassOf(params.StorageClass),
    metadata: params.Metadata && metadataOf(params.Metadata),
    websiteRedirectLocation: params.WebsiteRedirectLocation,
    expires: params.Expires ? Number(params.Expires) : undefined,
    cacheControl: params.CacheControl,
    contentDisposition: params.ContentDisposition,
    contentEncoding: params.ContentEncoding,
    contentLanguage: params.ContentLanguage,
    tagging: params.Tags ? tagsOf(params.Tags) : undefined,
    callback: callbackOf(params),
    forbidOverwrite: flagOf(params.ForbidOverwrite),
  });
}

/** Fields of forms are empty if not set. */
function definedOf(options: Untrusted): Untrusted {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  );
}

function flagOf(flag: boolean | string | undefined): boolean | string | undefined {
  return flag === 'true' || (flag === 'false' ? false : flag);
}

/** S3's names are accepted as well. */
function storageClassOf(storageClass: unknown): unknown {
  const name = typeof storageClass === 'string' ? storageClass.toUpperCase() : storageClass;
  if (name === 'STANDARD_IA') return 'WARM';
  return name === 'GLACIER' ? 'COLD' : name;
}

function metadataOf(metadata: NonNullable<ObjectParams['Metadata']>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [name.trim().replace(/^x-(?:obs|amz)-meta-/i, ''), String(value)]),
  );
}

function tagsOf(tags: string): Readonly<Record<string, string>> {
  const entries = tags.split('&').map((tag): [string, string] => {
    const [name = '', ...value] = tag.split('=');
    return [name, value.join('=')];
  });
  return Object.fromEntries(entries);
}

/** Either of the two requires the other. */
function callbackOf(params: CompletionParams): Untrusted | undefined {
  const { CallbackUrl, CallbackBody, CallbackHost, CallbackBodyType } = params;
  if (!CallbackUrl && !CallbackBody) return undefined;
  return definedOf({
    url: CallbackUrl?.split(';').map(decodedUrl).join(';'),
    body: CallbackBody,
    host: CallbackHost,
    bodyType: CallbackBodyType,
  });
}

/** OBS wants the address percent-encoded; the official SDK leaves that to its users, the library does it. */
function decodedUrl(url: string): string {
  try {
    return /^https?%3a/i.test(url) ? decodeURIComponent(url) : url;
  } catch {
    return url;
  }
}
