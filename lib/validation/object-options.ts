import { InvalidOptionsError } from '../model/errors/errors.js';
import type {
  ObjectOptions,
  SseCustomerAlgorithm,
  SseManaged,
  StorageClass,
  UploadCallback,
} from '../model/object-options.js';
import { MAX_METADATA_BYTES } from '../model/checkpoint/parts.js';
import {
  isHeaderName,
  requireBoolean,
  requireHeaderText,
  requireInteger,
  requireObject,
  requireOneOf,
  requireOneOfEach,
  requireText,
  type Untrusted,
} from './check.js';
import { bareEtag } from '../model/etag.js';
import { readExtraHeaders } from './extra-headers.js';
import { utf8 } from '../bytes.js';

const headerTexts = [
  'contentType',
  'acl',
  'cacheControl',
  'contentDisposition',
  'contentEncoding',
  'contentLanguage',
  'websiteRedirectLocation',
] as const;

const storageClasses: readonly StorageClass[] = [
  'STANDARD',
  'WARM',
  'COLD',
  'DEEP_ARCHIVE',
  'INTELLIGENT_TIERING',
  'HIGH_PERFORMANCE',
];

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Picks the known options out of any value, each checked: for requests and checkpoints alike.
 * @throws InvalidOptionsError naming the option
 */
export function readObjectOptions(untrusted: Untrusted): ObjectOptions {
  const object: Mutable<ObjectOptions> = {};
  for (const name of headerTexts) {
    if (untrusted[name] !== undefined) object[name] = requireHeaderText(name, untrusted[name]);
  }
  const { storageClass, expires, metadata, tagging, sse, callback, forbidOverwrite, ifMatch, headers } = untrusted;
  if (storageClass !== undefined) object.storageClass = requireOneOf('storageClass', storageClass, storageClasses);
  if (expires !== undefined) object.expires = requireInteger('expires', expires, 1);
  if (metadata !== undefined) object.metadata = readMetadata(metadata);
  if (tagging !== undefined) object.tagging = readTexts('tagging', tagging);
  if (sse !== undefined) object.sse = readSse(sse);
  if (callback !== undefined) object.callback = readCallback(callback);
  if (forbidOverwrite !== undefined) object.forbidOverwrite = requireBoolean('forbidOverwrite', forbidOverwrite);
  if (ifMatch !== undefined) object.ifMatch = readEtag(ifMatch);
  if (headers !== undefined) object.headers = readExtraHeaders(headers);
  return object;
}

function readEtag(value: unknown): string {
  const etag = bareEtag(requireHeaderText('ifMatch', value));
  if (etag !== '' && etag !== '*' && !etag.includes('"')) return etag;
  throw new InvalidOptionsError('ifMatch', 'ifMatch must be the ETag of the object to replace.');
}

function readMetadata(value: unknown): Readonly<Record<string, string>> {
  const metadata = readTexts('metadata', value);
  requireOneOfEach('metadata', Object.keys(metadata));
  let bytes = 0;
  for (const [name, text] of Object.entries(metadata)) {
    if (!isHeaderName(name)) {
      throw new InvalidOptionsError('metadata', 'metadata names must be header names: letters, digits and hyphens.');
    }
    bytes += utf8(name + text).length;
  }
  if (bytes > MAX_METADATA_BYTES) {
    throw new InvalidOptionsError(
      'metadata',
      `metadata must have at most ${MAX_METADATA_BYTES} bytes; it has ${bytes}.`,
    );
  }
  return metadata;
}

function readTexts(option: string, value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(requireObject(option, value));
  return Object.fromEntries(entries.map(([name, text]) => [name, requireHeaderText(`${option}.${name}`, text)]));
}

function readSse(value: unknown): SseManaged | SseCustomerAlgorithm {
  const { type, keyId } = requireObject('sse', value);
  const known = requireOneOf('sse.type', type, ['kms', 'AES256', 'customer'] as const);
  if (known !== 'kms') return { type: known };
  return keyId === undefined ? { type: known } : { type: known, keyId: requireHeaderText('sse.keyId', keyId) };
}

function readCallback(value: unknown): UploadCallback {
  const { url, body, host, bodyType } = requireObject('callback', value);
  return {
    url: requireText('callback.url', url),
    body: requireText('callback.body', body),
    ...(host === undefined ? {} : { host: requireText('callback.host', host) }),
    ...(bodyType === undefined
      ? {}
      : {
          bodyType: requireOneOf('callback.bodyType', bodyType, [
            'application/x-www-form-urlencoded',
            'application/json',
          ] as const),
        }),
  };
}
