import type { ReceivedBody } from './context.js';
import { readContentMd5 } from './limits.js';
import { Refusal } from './refusal.js';
import { headerOf, type RequestHead } from './request.js';

/** Which digests of the body must be computed to judge a request. */
export interface DigestNeeds {
  readonly md5: boolean;
  readonly sha256: boolean;
}

/** @throws {@link Refusal} InvalidDigest, or NotImplemented for AWS's chunked payloads */
export function digestNeeds(request: RequestHead): DigestNeeds {
  const sha256 = headerOf(request, 'x-amz-content-sha256');
  if (sha256?.startsWith('STREAMING-')) throw new Refusal('NotImplemented');
  return { md5: readContentMd5(request) !== null, sha256: sha256 !== null && sha256 !== 'UNSIGNED-PAYLOAD' };
}

/**
 * Compares the body with what the head said of it.
 * @throws {@link Refusal} IncompleteBody, BadDigest or XAmzContentSHA256Mismatch
 */
export function checkReceived(request: RequestHead, body: ReceivedBody): void {
  const length = headerOf(request, 'content-length');
  if (length !== null && Number(length) !== body.size) throw new Refusal('IncompleteBody');
  const md5 = readContentMd5(request);
  if (md5 !== null && md5 !== body.md5) throw new Refusal('BadDigest');
  const sha256 = headerOf(request, 'x-amz-content-sha256');
  if (digestNeeds(request).sha256 && sha256 !== body.sha256) throw new Refusal('XAmzContentSHA256Mismatch');
}
