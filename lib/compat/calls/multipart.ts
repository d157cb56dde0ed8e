import { defer, type Observable } from 'rxjs';
import { contentTypeOf } from '../../protocol/request/content-type.js';
import { requireSupported } from '../../protocol/dialect.js';
import { initiateMultipartUpload } from '../../protocol/operations/initiate-multipart-upload.js';
import type { OpenClient } from '../client/open-client.js';
import type {
  AbortMultipartUploadParams,
  CompleteMultipartUploadOutput,
  CompleteMultipartUploadParams,
  InitiateMultipartUploadOutput,
  InitiateMultipartUploadParams,
  UploadPartOutput,
  UploadPartParams,
} from '../model/multipart.js';
import type { ObsResult } from '../model/result.js';
import { extraHeadersOf } from '../params/extra-headers.js';
import { objectOptionsOf } from '../params/object-options.js';
import { sseCKeyOf } from '../params/sse.js';
import { objectOf, uploadOf } from '../params/target.js';
import { ask$ } from './ask.js';
import { requireInteger } from '../../validation/check.js';
import { MAX_PART_COUNT } from '../../model/checkpoint/parts.js';
import { uploadPart } from '../../protocol/operations/upload-part.js';
import { bodyOf, contentMd5Of } from '../params/body.js';
import { callbackOutput, completeHeaders, headerOutput, partHeaders } from '../results/outputs.js';
import { InvalidOptionsError } from '../../model/errors/errors.js';
import { completeMultipartUpload } from '../../protocol/operations/complete-multipart-upload.js';
import { bareEtag } from '../../protocol/response/etag.js';
import { quotedEtag } from '../params/etag.js';
import { abortMultipartUpload } from '../../protocol/operations/abort-multipart-upload.js';

export function initiateMultipartUpload$(
  client: OpenClient,
  params: InitiateMultipartUploadParams,
): Observable<ObsResult<InitiateMultipartUploadOutput>> {
  return defer(() => {
    const target = objectOf(client, params);
    const { dialect } = client.signer;
    const headers = extraHeadersOf(params, dialect);
    const object = { contentType: contentTypeOf(target.key), ...objectOptionsOf(params), headers };
    requireSupported(object, dialect);
    const args = { ...target, object, sseCustomerKey: sseCKeyOf(params) };
    return ask$(client, params, initiateMultipartUpload(args, dialect), ({ uploadId: UploadId }) => ({
      Bucket: target.bucket,
      Key: target.key,
      UploadId,
    }));
  });
}

export function uploadPart$(client: OpenClient, params: UploadPartParams): Observable<ObsResult<UploadPartOutput>> {
  return defer(() => {
    const args = {
      ...uploadOf(client, params),
      partNumber: requireInteger('PartNumber', Number(params.PartNumber), 1, MAX_PART_COUNT),
      body: bodyOf(params, params.PartSize).body,
      contentMd5: contentMd5Of(params),
      sseCustomerKey: sseCKeyOf(params),
    };
    return ask$(client, params, uploadPart(args, client.signer.dialect), (_, response) =>
      headerOutput(response, partHeaders),
    );
  });
}

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

export function abortMultipartUpload$(
  client: OpenClient,
  params: AbortMultipartUploadParams,
): Observable<ObsResult<object>> {
  return defer(() => ask$(client, params, abortMultipartUpload(uploadOf(client, params)), () => ({})));
}
