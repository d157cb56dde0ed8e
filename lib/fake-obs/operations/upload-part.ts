import { emptyAnswer } from '../answer.js';
import { uploadOf, type Handler } from '../context.js';
import { checkCustomerKey } from '../customer-key.js';
import { etagOf } from '../etag.js';
import { checkContentLength, checkPartNumber } from '../limits.js';

/** `PUT /{key}?partNumber=N&uploadId=U`; a number sent again replaces the part. */
export const uploadPart: Handler = {
  body: 'bytes',
  check(context) {
    checkPartNumber(context.request);
    checkContentLength(context.request, context.config.maxBodyBytes);
    checkCustomerKey(context.request, uploadOf(context).headers);
  },
  finish(context, body) {
    const upload = uploadOf(context);
    const part = {
      partNumber: checkPartNumber(context.request),
      size: body.size,
      etag: etagOf(body.etag, upload.headers),
      modifiedAt: context.now,
      bytesId: body.bytesId,
    };
    return {
      answer: emptyAnswer(200, { etag: `"${part.etag}"` }),
      effects: [{ type: 'store-part', uploadId: upload.uploadId, part }],
    };
  },
};
