import { checkAnnouncement } from '../request/announced-checksum.js';
import { xmlAnswer } from '../response/answer.js';
import { readCallback } from '../rules/callback.js';
import { bucketOf, keyOf, type Context, type Handler, type Outcome } from '../context.js';
import { readCustomerKey } from '../rules/customer-key.js';
import { checkKey } from '../rules/limits.js';
import { encryptedBy, readObjectHeaders } from '../request/object-headers.js';
import type { UploadRecord } from '../state/state.js';
import { elements } from '../response/xml.js';

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
