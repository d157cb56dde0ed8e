import { isChunked } from '../request/aws-chunked.js';
import { checksumNameOf, checksumOfQuery, readChecksum, type ChecksumName } from '../state/checksum.js';
import type { ReceivedBody } from '../context.js';
import { readContentMd5 } from './limits.js';
import { Refusal } from '../response/refusal.js';
import { headerOf, type RequestHead } from '../request/request.js';

/** Which digests of the body must be computed to judge a request. */
export interface DigestNeeds {
  readonly md5: boolean;
  readonly sha256: boolean;
  /** null: none */
  readonly checksum: ChecksumName | null;
}

export const noDigests: DigestNeeds = { md5: false, sha256: false, checksum: null };

/** @throws {@link Refusal} InvalidDigest, InvalidRequest, or NotImplemented for chunks that are signed one by one */
export function digestNeeds(request: RequestHead): DigestNeeds {
  const sha256 = headerOf(request, 'x-amz-content-sha256');
  return {
    md5: readContentMd5(request) !== null,
    sha256: sha256 !== null && sha256 !== 'UNSIGNED-PAYLOAD' && !isChunked(request),
    // That of complete is the object's, not its body's.
    checksum: request.method === 'PUT' ? (checksumNameOf(request) ?? checksumOfQuery(request)?.name ?? null) : null,
  };
}

/**
 * Compares the body with what its headers declare.
 * @throws {@link Refusal} IncompleteBody, BadDigest or XAmzContentSHA256Mismatch
 */
export function checkReceived(request: RequestHead, body: ReceivedBody): void {
  const length = headerOf(request, 'content-length');
  if (length !== null && Number(length) !== body.size) throw new Refusal('IncompleteBody');
  const md5 = readContentMd5(request);
  if (md5 !== null && md5 !== body.md5) throw new Refusal('BadDigest');
  const needs = digestNeeds(request);
  const given = readChecksum(request) ?? checksumOfQuery(request);
  if (needs.checksum !== null && given?.hex !== body.checksum) {
    throw new Refusal('BadDigest', `The ${needs.checksum} you specified did not match the calculated checksum.`);
  }
  const sha256 = headerOf(request, 'x-amz-content-sha256');
  if (needs.sha256 && sha256 !== body.sha256) throw new Refusal('XAmzContentSHA256Mismatch');
}
