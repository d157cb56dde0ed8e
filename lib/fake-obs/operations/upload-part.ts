import { checkAnnounced } from '../request/announced-checksum.js';
import { emptyAnswer } from '../response/answer.js';
import { checksumHeaders, checksumNameOf, readChecksum } from '../state/checksum.js';
import { uploadOf, type Handler } from '../context.js';
import { checkCustomerKey } from '../rules/customer-key.js';
import { etagOf } from '../state/etag.js';
import { checkContentLength, checkPartNumber, refuseCopy } from '../rules/limits.js';
import { readTrafficLimit } from '../rules/traffic-limit.js';

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
