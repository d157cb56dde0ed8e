import { emptyAnswer } from '../answer.js';
import { answerCallback, readCallback } from '../callback.js';
import { bucketOf, keyOf, type Context, type Handler } from '../context.js';
import { readCustomerKey } from '../customer-key.js';
import { etagOf } from '../etag.js';
import { checkContentLength, checkKey } from '../limits.js';
import { encryptedBy, encryptionHeaders, readObjectHeaders } from '../object-headers.js';
import { Refusal } from '../refusal.js';
import { extensionOf, headerOf } from '../request.js';
import type { ObjectRecord } from '../state.js';

/** `PUT /{key}` with the whole object. */
export const putObject: Handler = {
  body: 'bytes',
  check(context) {
    if (extensionOf(context.request, 'copy-source') !== null) throw new Refusal('NotImplemented');
    checkOverwrite(context);
    checkKey(keyOf(context));
    checkContentLength(context.request, context.config.maxBodyBytes);
    readObjectHeaders(context.request);
    readCustomerKey(context.request);
    readCallback(context.request);
  },
  finish(context, body) {
    const headers = encryptedBy(context.config.bucketEncryption, readObjectHeaders(context.request));
    const object: ObjectRecord = {
      bucket: bucketOf(context).name,
      key: keyOf(context),
      size: body.size,
      etag: etagOf(body.etag, headers),
      modifiedAt: context.now,
      account: context.account ?? '',
      headers,
      uploadId: null,
      bytesId: body.bytesId,
    };
    return {
      answer: answerCallback(
        emptyAnswer(200, { etag: `"${object.etag}"`, ...encryptionHeaders(headers, context.prefix) }),
        context,
      ),
      effects: [{ type: 'put-object', object }],
    };
  },
};

/** @throws {@link Refusal} ObjectAlreadyExists (`x-obs-forbid-overwrite`) or PreconditionFailed (`If-None-Match: *`) */
export function checkOverwrite(context: Context): void {
  if (!bucketOf(context).objects.has(keyOf(context))) return;
  if (extensionOf(context.request, 'forbid-overwrite') === 'true') throw new Refusal('ObjectAlreadyExists');
  if (headerOf(context.request, 'if-none-match') === '*') throw new Refusal('PreconditionFailed');
}
