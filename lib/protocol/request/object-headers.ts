import { toBase64, utf8 } from '../../bytes.js';
import { createMd5 } from '../../ports/hash/md5.js';
import { InvalidOptionsError } from '../../model/errors/errors.js';
import { bareEtag } from '../../model/etag.js';
import type { ObjectOptions, UploadCallback } from '../../model/object-options.js';
import type { Dialect } from '../dialect.js';
import { encodeHeaderValue, encodeMetadata, encodeStrict } from './url.js';

/**
 * The object's options that are sent with initiate and with a single PUT.
 * @throws InvalidOptionsError for SSE-C without its key, as the object would not be encrypted
 */
export function objectHeaders(
  object: ObjectOptions,
  sseKey: Uint8Array | null,
  dialect: Dialect,
): Record<string, string> {
  if (object.sse?.type === 'customer' && sseKey === null) {
    throw new InvalidOptionsError('sse', 'sse needs the SSE-C key: pass its 32 bytes as sseCustomerKey.');
  }
  const prefix = dialect.headerPrefix;
  const headers: Record<string, string> = {};
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) headers[name] = encodeHeaderValue(String(value));
  };
  add('Content-Type', object.contentType);
  add('Cache-Control', object.cacheControl);
  add('Content-Disposition', object.contentDisposition);
  add('Content-Encoding', object.contentEncoding);
  add('Content-Language', object.contentLanguage);
  add(`${prefix}acl`, object.acl);
  add(`${prefix}storage-class`, object.storageClass && dialect.storageClasses[object.storageClass]);
  add(`${prefix}expires`, object.expires);
  add(`${prefix}website-redirect-location`, object.websiteRedirectLocation);
  add(`${prefix}tagging`, object.tagging && tagging(object.tagging));
  for (const [name, value] of Object.entries(object.metadata ?? {})) {
    headers[`${prefix}meta-${name.toLowerCase()}`] = encodeMetadata(value);
  }
  return { ...headers, ...managedSseHeaders(object, dialect), ...customerKeyHeaders(sseKey, dialect) };
}

/** SSE-C headers are sent with initiate, every part and HEAD, and to S3 with complete. */
export function customerKeyHeaders(key: Uint8Array | null, { headerPrefix }: Dialect): Record<string, string> {
  if (key === null) return {};
  const prefix = `${headerPrefix}server-side-encryption-customer-`;
  return { [`${prefix}algorithm`]: 'AES256', [`${prefix}key`]: toBase64(key), [`${prefix}key-MD5`]: base64Md5(key) };
}

/** The options sent with the request that creates the object: complete, or the single PUT. */
export function completionHeaders(object: ObjectOptions, dialect: Dialect): Record<string, string> {
  const prefix = dialect.headerPrefix;
  const [forbid, yes] = dialect.forbidOverwrite;
  // OBS's SDKs send its own with either prefix; other stores that are signed for by version 2 know only that of S3.
  const own = dialect.limitsTraffic ? { [`${prefix}forbid-overwrite`]: 'true' } : {};
  return {
    ...(object.forbidOverwrite ? { [forbid]: yes, ...own } : {}),
    ...(object.ifMatch === undefined ? {} : { 'If-Match': `"${bareEtag(object.ifMatch)}"` }),
    ...(object.callback ? { [`${prefix}callback`]: callbackHeader(object.callback) } : {}),
  };
}

/** How fast a connection may be (OBS: "Flow control"). */
export function trafficLimitHeader(
  bitsPerSecond: number | null | undefined,
  { headerPrefix }: Dialect,
): Record<string, string> {
  if (bitsPerSecond === null || bitsPerSecond === undefined) return {};
  return { [`${headerPrefix}traffic-limit`]: String(bitsPerSecond) };
}

/** A customer's key in checkpoints; null: none. */
export function keyMd5(key: Uint8Array | null): string | null {
  return key && base64Md5(key);
}

export function base64Md5(bytes: Uint8Array): string {
  return toBase64(createMd5().update(bytes).digest());
}

function managedSseHeaders({ sse }: ObjectOptions, dialect: Dialect): Record<string, string> {
  const prefix = dialect.headerPrefix;
  if (sse === undefined || sse.type === 'customer') return {};
  if (sse.type === 'AES256') return { [`${prefix}server-side-encryption`]: 'AES256' };
  return {
    [`${prefix}server-side-encryption`]: dialect.kms,
    ...(sse.keyId === undefined ? {} : { [`${prefix}${dialect.kmsKeyIdHeader}`]: encodeHeaderValue(sse.keyId) }),
  };
}

function tagging(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${encodeStrict(name)}=${encodeStrict(value)}`)
    .join('&');
}

function callbackHeader(callback: UploadCallback): string {
  const json = JSON.stringify({
    callbackUrl: callback.url.split(';').map(encodeStrict).join(';'),
    callbackHost: callback.host,
    callbackBody: callback.body,
    callbackBodyType: callback.bodyType,
  });
  return toBase64(utf8(json));
}

/**
 * Those of a request that creates the object in one go, or of one step of a multipart upload. Of characters that are not
 * ASCII a browser sends other bytes than were signed, or it refuses them, so they are encoded.
 */
export function extraHeaders(
  { headers = {} }: ObjectOptions,
  ...steps: readonly ('initiate' | 'part' | 'complete')[]
): Record<string, string> {
  // In lower case, so that two steps cannot give one header twice.
  const entries = steps.flatMap((step) => Object.entries(headers[step] ?? {}));
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), encodeHeaderValue(value)]));
}
