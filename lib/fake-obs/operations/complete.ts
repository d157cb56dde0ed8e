import { announcedChecksum } from '../request/announced-checksum.js';
import { xmlAnswer } from '../response/answer.js';
import { assemble } from '../state/assemble.js';
import { answerCallback, readCallback } from '../rules/callback.js';
import { checksumHeaders, elementOf, readChecksum, textOf } from '../state/checksum.js';
import { keyOf, uploadOf, type Context, type Handler } from '../context.js';
import { checkCustomerKey, readCustomerKey } from '../rules/customer-key.js';
import { readComplete, type ListedPart } from '../rules/read-complete.js';
import { Refusal } from '../response/refusal.js';
import { headerOf, type RequestHead } from '../request/request.js';
import type { ObjectRecord, PartRecord, UploadRecord } from '../state/state.js';
import { elements } from '../response/xml.js';
import { checkOverwrite } from './object.js';

/** `POST /{key}?uploadId=U`: the listed parts become the object, the other ones are dropped. */
export const complete: Handler = {
  body: 'text',
  check(context) {
    // A repeated complete is refused for the object that the first one made, before the upload is missed.
    checkOverwrite(context);
    checkCompletionKey(context);
    readCallback(context.request);
    readChecksum(context.request);
  },
  finish(context, body) {
    const upload = uploadOf(context);
    const listed = readComplete(body.text ?? '');
    const parts = choose(listed, upload, context.config.minPartBytes);
    checkListedChecksums(listed, parts, upload);
    const object = assemble(upload, parts, { modifiedAt: context.now, bytesId: body.bytesId }, context.config);
    checkObject(context.request, object);
    const { checksum } = object;
    const isListed = checksum !== undefined && checksum.name !== 'crc64ecma';
    const content = elements({
      Location: `${context.request.scheme ?? context.config.scheme}://${context.request.host}${context.request.rawPath}`,
      Bucket: upload.bucket,
      Key: keyOf(context),
      ETag: `"${object.etag}"`,
      ...(isListed ? { [elementOf(checksum.name)]: textOf(checksum) } : {}),
    });
    const voice = { prefix: context.prefix, region: context.config.region };
    const shown = isListed ? {} : checksumHeaders(checksum, context.prefix);
    const answer = xmlAnswer('CompleteMultipartUploadResult', content, voice, shown);
    return {
      answer: readCallback(context.request) === null ? answer : calledBack(context, object),
      effects: [{ type: 'complete-upload', upload, parts, object }],
    };
  },
};

/**
 * S3 needs the key of SSE-C again where the upload has checksums (AWS: "CompleteMultipartUpload"); elsewhere it checks the
 * one that it is given.
 * @throws {@link Refusal} as {@link checkCustomerKey}
 */
function checkCompletionKey(context: Context): void {
  const { headers } = uploadOf(context);
  if (announcedChecksum(headers) === null && readCustomerKey(context.request) === null) return;
  checkCustomerKey(context.request, headers);
}

function calledBack(context: Context, object: ObjectRecord): ReturnType<typeof answerCallback> {
  const headers = { etag: `"${object.etag}"`, ...checksumHeaders(object.checksum, context.prefix) };
  return answerCallback({ status: 200, headers, text: '', bytes: null }, context);
}

/** Composite checksums are made of those in the list, so each part must have its own there. */
function checkListedChecksums(
  listed: readonly ListedPart[],
  parts: readonly PartRecord[],
  { headers }: UploadRecord,
): void {
  const announced = announcedChecksum(headers);
  if (announced === null) return;
  listed.forEach(({ partNumber, checksum: given }, i) => {
    if (given === undefined && announced === 'crc64nvme') return;
    if (given === undefined) {
      throw new Refusal(
        'InvalidRequest',
        `The upload was created using a ${announced} checksum. List it for each part.`,
      );
    }
    const checksum = parts[i]?.checksum;
    if (checksum === undefined || given.name !== announced || textOf(checksum) !== given.text) {
      throw new Refusal('InvalidPart', undefined, { PartNumber: String(partNumber) });
    }
  });
}

/** @throws {@link Refusal} BadDigest for another checksum than the object's, InvalidRequest for another size */
function checkObject(request: RequestHead, { size, checksum }: ObjectRecord): void {
  const given = readChecksum(request);
  if (given !== null && given.name === checksum?.name && given.hex !== checksum.hex) {
    throw new Refusal('BadDigest', `The ${given.name} you specified did not match the calculated checksum.`);
  }
  const announcedSize = headerOf(request, 'x-amz-mp-object-size');
  if (announcedSize !== null && announcedSize !== String(size)) {
    throw new Refusal('InvalidRequest', 'The x-amz-mp-object-size you specified is not the size of the object.');
  }
}

function choose(listed: readonly ListedPart[], upload: UploadRecord, minPartBytes: number): readonly PartRecord[] {
  if (listed.some((part, i) => i > 0 && part.partNumber <= (listed[i - 1]?.partNumber ?? 0))) {
    throw new Refusal('InvalidPartOrder');
  }
  const parts = listed.map(({ partNumber, etag }) => {
    const part = upload.parts.get(partNumber);
    if (part?.etag !== etag) throw new Refusal('InvalidPart', undefined, { PartNumber: String(partNumber) });
    return part;
  });
  const small = parts.slice(0, -1).find((part) => part.size < minPartBytes);
  if (small === undefined) return parts;
  throw new Refusal('EntityTooSmall', undefined, {
    PartNumber: String(small.partNumber),
    ProposedSize: String(small.size),
    MinSizeAllowed: String(minPartBytes),
  });
}
