import { fromUtf8, toHex } from '../../bytes.js';
import { sha256 } from '../../ports/hash/hmac-sha256.js';
import { createMd5 } from '../../ports/hash/md5.js';
import { createChunkReader } from '../../fake-obs/request/aws-chunked.js';
import { digestFor, type ChecksumName } from '../../fake-obs/state/checksum.js';
import type { ReceivedBody } from '../../fake-obs/context.js';
import type { DigestNeeds } from '../../fake-obs/rules/receive.js';
import { fingerprint } from './fingerprint.js';
import { collect, piecesOf, type Pieces } from './pieces.js';
import type { UnreadBlob } from './unread-blob.js';

/** Which ETags parts and objects get: their MD5, or a much cheaper fingerprint (not an MD5, as with SSE-KMS). */
export type EtagKind = 'md5' | 'fast';

/** A complete body, without chunks around it, and its digests. */
export function receiveBody(
  sent: Pieces,
  needs: {
    readonly body: 'none' | 'text' | 'bytes';
    readonly digests: DigestNeeds;
    readonly isChunked: boolean;
    readonly etags: EtagKind;
  },
  bytesId: string,
): { readonly pieces: Pieces; readonly body: ReceivedBody } {
  const { pieces, trailers } = needs.isChunked ? takeApart(sent) : { pieces: sent, trailers: null };
  const isStored = needs.body === 'bytes';
  const { digests } = needs;
  if (isStored && 'standIn' in pieces && !digests.md5 && !digests.sha256 && digests.checksum === null) {
    const { size, standIn } = pieces as UnreadBlob;
    const body = { size, etag: standIn, md5: null, sha256: null, checksum: null, trailers, text: null, bytesId };
    return { pieces, body };
  }
  const md5 = digests.md5 || (isStored && needs.etags === 'md5') ? md5Of(pieces) : null;
  const body: ReceivedBody = {
    size: pieces.size,
    etag: isStored ? (needs.etags === 'md5' && md5 !== null ? md5 : fingerprint(pieces.chunks())) : '',
    md5,
    sha256: digests.sha256 ? toHex(sha256(collect(pieces))) : null,
    checksum: digests.checksum === null ? null : checksumOf(digests.checksum, pieces),
    trailers,
    text: needs.body === 'text' ? fromUtf8(collect(pieces)) : null,
    bytesId,
  };
  return { pieces, body };
}

function takeApart(sent: Pieces): { readonly pieces: Pieces; readonly trailers: ReceivedBody['trailers'] } {
  const reader = createChunkReader();
  const content = [...sent.chunks()].flatMap((chunk) => reader.update(chunk));
  return { pieces: piecesOf(...content), trailers: reader.trailers() };
}

function checksumOf(name: ChecksumName, pieces: Pieces): string {
  const digest = digestFor(name);
  for (const chunk of pieces.chunks()) digest.update(chunk);
  return toHex(digest.digest());
}

/** crypto-js converts its input to arrays of words: in pieces they stay small. */
function md5Of(pieces: Pieces): string {
  const md5 = createMd5();
  const step = 1024 * 1024;
  for (const chunk of pieces.chunks()) {
    for (let at = 0; at < chunk.length; at += step) md5.update(chunk.subarray(at, at + step));
  }
  return toHex(md5.digest());
}
