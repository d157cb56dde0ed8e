import { defer, type Observable } from 'rxjs';
import { InvalidOptionsError } from '../../model/errors/errors.js';
import { requireInteger } from '../../validation/check.js';
import { MAX_PART_COUNT } from '../../model/checkpoint/limits.js';
import { completeMultipartUpload } from '../../protocol/operations/complete-multipart-upload.js';
import { requireSupported } from '../../protocol/dialect.js';
import { bareEtag } from '../../protocol/response/etag.js';
import type { OpenClient } from '../client/open-client.js';
import type { CompleteMultipartUploadOutput, CompleteMultipartUploadParams } from '../model/multipart.js';
import type { ObsResult } from '../model/result.js';
import { quotedEtag } from '../params/etag.js';
import { objectOptionsOf } from '../params/object-options.js';
import { uploadOf } from '../params/target.js';
import { callbackOutput, completeHeaders, headerOutput } from '../results/outputs.js';
import { ask$ } from './ask.js';

/** An error inside a 200 response is an error. */
export function completeMultipartUpload$(
  client: OpenClient,
  params: CompleteMultipartUploadParams,
): Observable<ObsResult<CompleteMultipartUploadOutput>> {
  return defer(() => {
    const target = uploadOf(client, params);
    const { callback, forbidOverwrite } = objectOptionsOf(params);
    const object = { ...(callback && { callback }), ...(forbidOverwrite && { forbidOverwrite }) };
    const { dialect } = client.signer;
    requireSupported(object, dialect);
    const args = { ...target, parts: partsOf(params.Parts), object };
    const hasCallback = callback !== undefined;
    return ask$(client, params, completeMultipartUpload(args, dialect), ({ location, etag }, response) => {
      return {
        Bucket: target.bucket,
        Key: target.key,
        ...(location === null ? {} : { Location: location }),
        ...(etag === '' ? {} : { ETag: quotedEtag(etag) }),
        ...headerOutput(response, completeHeaders),
        ...(hasCallback ? callbackOutput(response) : {}),
      };
    });
  });
}

function partsOf(parts: CompleteMultipartUploadParams['Parts']): { partNumber: number; etag: string }[] {
  if (!Array.isArray(parts)) throw new InvalidOptionsError('Parts', 'Parts must be a list of { PartNumber, ETag }.');
  return (parts as CompleteMultipartUploadParams['Parts']).map(({ PartNumber, ETag }, i) => ({
    partNumber: requireInteger(`Parts[${i}].PartNumber`, Number(PartNumber), 1, MAX_PART_COUNT),
    etag: requireEtag(`Parts[${i}].ETag`, ETag),
  }));
}

function requireEtag(option: string, value: unknown): string {
  const etag = typeof value === 'string' ? bareEtag(value) : '';
  if (etag !== '') return etag;
  throw new InvalidOptionsError(
    option,
    `${option} is missing. If the response to uploadPart has no ETag, expose ETag in the bucket's CORS rule, or take ` +
      'the ETags of listParts.',
  );
}
