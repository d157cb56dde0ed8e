import { checkAnnouncement } from '../announced-checksum.js';
import { xmlAnswer } from '../answer.js';
import { readCallback } from '../callback.js';
import { bucketOf, keyOf, type Context, type Handler, type Outcome } from '../context.js';
import { readCustomerKey } from '../customer-key.js';
import { checkKey } from '../limits.js';
import { encryptedBy, readObjectHeaders } from '../object-headers.js';
import type { UploadRecord } from '../state.js';
import { elements } from '../xml.js';

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
