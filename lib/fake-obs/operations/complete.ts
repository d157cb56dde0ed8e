import { xmlAnswer } from '../answer.js';
import { assemble } from '../assemble.js';
import { answerCallback, readCallback } from '../callback.js';
import { keyOf, uploadOf, type Context, type Handler } from '../context.js';
import { readComplete, type ListedPart } from '../read-complete.js';
import { Refusal } from '../refusal.js';
import type { ObjectRecord, PartRecord, UploadRecord } from '../state.js';
import { elements } from '../xml.js';
import { checkOverwrite } from './put-object.js';

/** `POST /{key}?uploadId=U`: the listed parts become the object, the other ones are dropped. */
export const complete: Handler = {
  body: 'text',
  check(context) {
    // A repeated complete is refused for the object that the first one made, before the upload is missed.
    checkOverwrite(context);
    uploadOf(context);
    readCallback(context.request);
  },
  finish(context, body) {
    const upload = uploadOf(context);
    const parts = choose(readComplete(body.text ?? ''), upload, context.config.minPartBytes);
    const object = assemble(upload, parts, { modifiedAt: context.now, bytesId: body.bytesId });
    const content = elements({
      Location: `${context.config.scheme}://${context.request.host}${context.request.rawPath}`,
      Bucket: upload.bucket,
      Key: keyOf(context),
      ETag: `"${object.etag}"`,
    });
    const voice = { prefix: context.prefix, region: context.config.region };
    const answer = xmlAnswer('CompleteMultipartUploadResult', content, voice);
    return {
      answer: readCallback(context.request) === null ? answer : calledBack(context, object),
      effects: [{ type: 'complete-upload', upload, parts, object }],
    };
  },
};

function calledBack(context: Context, object: ObjectRecord): ReturnType<typeof answerCallback> {
  return answerCallback({ status: 200, headers: { etag: `"${object.etag}"` }, text: '', bytes: null }, context);
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
