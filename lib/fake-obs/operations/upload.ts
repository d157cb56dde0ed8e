import { checkAnnounced, checkAnnouncement } from '../request/announced-checksum.js';
import { emptyAnswer, xmlAnswer } from '../response/answer.js';
import { readCallback } from '../rules/callback.js';
import { bucketOf, keyOf, uploadOf, type Context, type Handler, type Outcome } from '../context.js';
import { checkCustomerKey, readCustomerKey } from '../rules/customer-key.js';
import { checkContentLength, checkKey, checkPartNumber, refuseCopy } from '../rules/limits.js';
import { encryptedBy, readObjectHeaders } from '../request/object-headers.js';
import type { UploadRecord } from '../state/state.js';
import { elements } from '../response/xml.js';
import { checksumHeaders, checksumNameOf, readChecksum } from '../state/checksum.js';
import { etagOf } from '../state/etag.js';
import { readTrafficLimit } from '../rules/traffic-limit.js';

/** `POST /{key}?uploads` */
export const initiate: Handler = {
  body: 'none',
  check(context) {
    bucketOf(context);
    checkKey(keyOf(context));
    readObjectHeaders(context.request);
    readCustomerKey(context.request);
    readCallback(context.request);
    checkAnnouncement(context.request);
  },
  finish(context): Outcome {
    const upload = newUpload(context);
    const { bucket, key, uploadId } = upload;
    const content = elements({ Bucket: bucket, Key: key, UploadId: uploadId });
    return {
      answer: xmlAnswer('InitiateMultipartUploadResult', content, { ...context, region: context.config.region }),
      effects: [{ type: 'create-upload', upload }],
    };
  },
};

function newUpload(context: Context): UploadRecord {
  return {
    uploadId: context.config.newUploadId(),
    bucket: bucketOf(context).name,
    key: keyOf(context),
    initiatedAt: context.now,
    account: context.account ?? '',
    headers: encryptedBy(context.config.bucketEncryption, readObjectHeaders(context.request)),
    parts: new Map(),
  };
}

/** `PUT /{key}?partNumber=N&uploadId=U`; a number sent again replaces the part. */
export const uploadPart: Handler = {
  body: 'bytes',
  check(context) {
    refuseCopy(context.request);
    checkPartNumber(context.request);
    checkContentLength(context.request, context.config.maxBodyBytes);
    checkCustomerKey(context.request, uploadOf(context).headers);
    checkAnnounced(checksumNameOf(context.request), uploadOf(context).headers);
    readTrafficLimit(context.request);
  },
  finish(context, body) {
    const upload = uploadOf(context);
    const checksum = readChecksum(context.request) ?? undefined;
    const part = {
      partNumber: checkPartNumber(context.request),
      size: body.size,
      etag: etagOf(body.etag, upload.headers, context.config),
      modifiedAt: context.now,
      bytesId: body.bytesId,
      ...(checksum && { checksum }),
    };
    return {
      answer: emptyAnswer(200, { etag: `"${part.etag}"`, ...checksumHeaders(checksum, context.prefix) }),
      effects: [{ type: 'store-part', uploadId: upload.uploadId, part }],
    };
  },
};

/** `DELETE /{key}?uploadId=U`: the parts are deleted. */
export const abort: Handler = {
  body: 'none',
  check: (context) => void uploadOf(context),
  finish: (context) => ({
    answer: emptyAnswer(204),
    effects: [{ type: 'abort-upload', upload: uploadOf(context) }],
  }),
};
