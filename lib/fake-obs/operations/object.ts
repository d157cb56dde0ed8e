import { emptyAnswer, type Answer } from '../response/answer.js';
import { answerCallback, readCallback } from '../rules/callback.js';
import { checksumHeaders, readChecksum } from '../state/checksum.js';
import { answerOnly, bucketOf, keyOf, type Context, type Handler } from '../context.js';
import { checkCustomerKey, readCustomerKey } from '../rules/customer-key.js';
import { etagOf } from '../state/etag.js';
import { checkContentLength, checkKey, refuseCopy } from '../rules/limits.js';
import { encryptedBy, encryptionHeaders, readObjectHeaders, writeObjectHeaders } from '../request/object-headers.js';
import { Refusal } from '../response/refusal.js';
import { extensionOf, headerOf, parameterOf, type RequestHead } from '../request/request.js';
import type { ObjectRecord } from '../state/state.js';
import { readTrafficLimit } from '../rules/traffic-limit.js';
import { continues, isNotModified } from '../rules/conditional-read.js';

/** `PUT /{key}` with the whole object. */
export const putObject: Handler = {
  body: 'bytes',
  check(context) {
    refuseCopy(context.request);
    checkOverwrite(context);
    checkKey(keyOf(context));
    checkContentLength(context.request, context.config.maxBodyBytes);
    readObjectHeaders(context.request);
    readCustomerKey(context.request);
    readCallback(context.request);
    readTrafficLimit(context.request);
  },
  finish(context, body) {
    const headers = encryptedBy(context.config.bucketEncryption, readObjectHeaders(context.request));
    const checksum = readChecksum(context.request) ?? undefined;
    const object: ObjectRecord = {
      bucket: bucketOf(context).name,
      key: keyOf(context),
      size: body.size,
      etag: etagOf(body.etag, headers, context.config),
      modifiedAt: context.now,
      account: context.account ?? '',
      headers,
      uploadId: null,
      bytesId: body.bytesId,
      ...(checksum && { checksum }),
    };
    return {
      answer: answerCallback(
        emptyAnswer(200, {
          etag: `"${object.etag}"`,
          ...checksumHeaders(checksum, context.prefix),
          ...encryptionHeaders(headers, context.prefix),
        }),
        context,
      ),
      effects: [{ type: 'put-object', object }],
    };
  },
};

/**
 * @throws {@link Refusal} ObjectAlreadyExists (`x-obs-forbid-overwrite`), PreconditionFailed (`If-None-Match: *`, or another
 * object than `If-Match` names), or NoSuchKey (`If-Match` without an object)
 */
export function checkOverwrite(context: Context): void {
  const existing = bucketOf(context).objects.get(keyOf(context));
  const condition = (name: string): string | null =>
    context.config.conditionalWrites ? headerOf(context.request, name) : null;
  const ifMatch = context.prefix === 'x-amz-' ? condition('if-match') : null;
  if (ifMatch !== null && existing === undefined) throw new Refusal('NoSuchKey', undefined, { Key: keyOf(context) });
  if (ifMatch !== null && ifMatch.replace(/^"(.*)"$/, '$1') !== existing?.etag) throw new Refusal('PreconditionFailed');
  if (existing === undefined) return;
  if (extensionOf(context.request, 'forbid-overwrite') === 'true') throw new Refusal('ObjectAlreadyExists');
  if (condition('if-none-match') === '*') throw new Refusal('PreconditionFailed');
}

/** `GET /{key}`, whole or one range. */
export const getObject: Handler = {
  body: 'none',
  check,
  finish: (context) => answerOnly(read(context, objectOf(context))),
};

/** `HEAD /{key}`: the headers of GET, and which multipart upload made the object. */
export const headObject: Handler = {
  body: 'none',
  check,
  finish: (context) => answerOnly({ ...read(context, objectOf(context)), bytes: null }),
};

function check(context: Context): void {
  objectOf(context);
  requestedHeaders(context);
}

/** Anybody may read an object whose ACL says so; others need an account. */
function objectOf(context: Context): ObjectRecord {
  const object = bucketOf(context).objects.get(keyOf(context));
  const isPublic = object?.headers.extension.acl?.startsWith('public-read') ?? false;
  if (context.account === null && !isPublic) throw new Refusal('AccessDenied');
  if (object === undefined) throw new Refusal('NoSuchKey', undefined, { Key: keyOf(context) });
  checkCustomerKey(context.request, object.headers);
  return object;
}

const replaceable = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
];

/**
 * Headers that the query asks for in place of the object's own, such as `response-content-disposition`.
 * @throws {@link Refusal} InvalidRequest without a signature, InvalidArgument for what no header can hold
 */
function requestedHeaders({ request, account }: Context): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of replaceable) {
    const value = parameterOf(request, `response-${name}`);
    if (value === null) continue;
    if (account === null) throw new Refusal('InvalidRequest', `response-${name} requires a signed request.`);
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new Refusal('InvalidArgument', `response-${name} is not the value of a header.`);
    }
    headers[name] = value;
  }
  return headers;
}

function read(context: Context, object: ObjectRecord): Answer {
  const { request, prefix } = context;
  const version = { etag: `"${object.etag}"`, 'last-modified': new Date(object.modifiedAt).toUTCString() };
  if (isNotModified(request, object)) return emptyAnswer(304, version);
  const range = continues(request, object) ? readRange(headerOf(request, 'range'), object.size) : null;
  const { start, end } = range ?? { start: 0, end: object.size };
  return {
    status: range === null ? 200 : 206,
    headers: {
      ...writeObjectHeaders(object.headers, prefix),
      ...requestedHeaders(context),
      ...version,
      'accept-ranges': 'bytes',
      'content-length': String(end - start),
      ...(range === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${object.size}` }),
      ...(isShown(request, object) ? checksumHeaders(object.checksum, prefix) : {}),
      ...(object.uploadId !== null && prefix === 'x-obs-' ? { 'x-obs-uploadid': object.uploadId } : {}),
    },
    text: '',
    bytes: { object, start, end },
  };
}

/** S3 shows its own only where it is asked to. */
function isShown(request: RequestHead, { checksum }: ObjectRecord): boolean {
  return checksum?.name === 'crc64ecma' || headerOf(request, 'x-amz-checksum-mode') === 'ENABLED';
}

/** One range of bytes; several, or what is none, count as no range at all (RFC 9110, 14.2). */
function readRange(header: string | null, size: number): { readonly start: number; readonly end: number } | null {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return null;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size : Math.min(Number(to) + 1, size);
  if (to !== '' && from !== '' && Number(to) < start) return null;
  if (start >= size || (from === '' && Number(to) === 0)) throw new Refusal('InvalidRange');
  return { start, end };
}

/** `DELETE /{key}`: 204 whether or not the object was there. */
export const deleteObject: Handler = {
  body: 'none',
  check: (context) => void bucketOf(context),
  finish(context) {
    const object = bucketOf(context).objects.get(keyOf(context));
    return { answer: emptyAnswer(204), effects: object === undefined ? [] : [{ type: 'delete-object', object }] };
  },
};
