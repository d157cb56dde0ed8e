import { toHex } from '../ports/hash/bytes.js';
import { createDigest } from '../ports/hash/create-digest.js';
import { sha256 } from '../ports/hash/hmac-sha256.js';
import { createMd5 } from '../ports/hash/md5.js';
import type { ChecksumName } from '../fake-obs/checksum.js';
import type { ReceivedBody } from '../fake-obs/context.js';
import type { DigestNeeds } from '../fake-obs/receive.js';
import { fingerprint } from './fingerprint.js';
import { collect, type Pieces } from './pieces.js';
import type { UnreadBlob } from './unread-blob.js';
import { fromUtf8 } from '../utf8.js';

/** Which ETags parts and objects get: their MD5, or a much cheaper fingerprint (not an MD5, as with SSE-KMS). */
export type EtagKind = 'md5' | 'fast';

/** Digests of a complete body. */
export function receiveBody(
  pieces: Pieces,
  needs: { readonly body: 'none' | 'text' | 'bytes'; readonly digests: DigestNeeds; readonly etags: EtagKind },
  bytesId: string,
): ReceivedBody {
  const isStored = needs.body === 'bytes';
  const { digests } = needs;
  if (isStored && 'standIn' in pieces && !digests.md5 && !digests.sha256 && digests.checksum === null) {
    const { size, standIn } = pieces as UnreadBlob;
    return { size, etag: standIn, md5: null, sha256: null, checksum: null, text: null, bytesId };
  }
  const md5 = digests.md5 || (isStored && needs.etags === 'md5') ? md5Of(pieces) : null;
  return {
    size: pieces.size,
    etag: isStored ? (needs.etags === 'md5' && md5 !== null ? md5 : fingerprint(pieces.chunks())) : '',
    md5,
    sha256: digests.sha256 ? toHex(sha256(collect(pieces))) : null,
    checksum: digests.checksum === null ? null : checksumOf(digests.checksum, pieces),
    text: needs.body === 'text' ? fromUtf8(collect(pieces)) : null,
    bytesId,
  };
}

function checksumOf(name: ChecksumName, pieces: Pieces): string {
  const digest = createDigest(name);
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
