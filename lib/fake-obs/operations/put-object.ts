import { emptyAnswer } from '../response/answer.js';
import { answerCallback, readCallback } from '../rules/callback.js';
import { checksumHeaders, readChecksum } from '../state/checksum.js';
import { bucketOf, keyOf, type Context, type Handler } from '../context.js';
import { readCustomerKey } from '../rules/customer-key.js';
import { etagOf } from '../state/etag.js';
import { checkContentLength, checkKey, refuseCopy } from '../rules/limits.js';
import { encryptedBy, encryptionHeaders, readObjectHeaders } from '../request/object-headers.js';
import { Refusal } from '../response/refusal.js';
import { extensionOf, headerOf } from '../request/request.js';
import type { ObjectRecord } from '../state/state.js';
import { readTrafficLimit } from '../rules/traffic-limit.js';

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
  const ifMatch = context.prefix === 'x-amz-' ? headerOf(context.request, 'if-match') : null;
  if (ifMatch !== null && existing === undefined) throw new Refusal('NoSuchKey', undefined, { Key: keyOf(context) });
  if (ifMatch !== null && ifMatch.replace(/^"(.*)"$/, '$1') !== existing?.etag) throw new Refusal('PreconditionFailed');
  if (existing === undefined) return;
  if (extensionOf(context.request, 'forbid-overwrite') === 'true') throw new Refusal('ObjectAlreadyExists');
  if (headerOf(context.request, 'if-none-match') === '*') throw new Refusal('PreconditionFailed');
}
