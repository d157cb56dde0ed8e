import { utf8 } from '../../bytes.js';
import { md5Hex } from '../../ports/hash/md5.js';
import { readBlobLater$ } from '../../ports/read-blob.js';
import type { Pieces } from './pieces.js';

/** A Blob that is stored without having been read. */
export interface UnreadBlob extends Pieces {
  /** 32 hexadecimal digits instead of an MD5, the same for the same Blob. */
  readonly standIn: string;
}

const standIns = new WeakMap<Blob, string>();
let count = 0;

/** The Blob itself: its bytes can be read outside virtual time. */
export function unreadBlob(blob: Blob): UnreadBlob {
  let bytes: Uint8Array | null = null;
  let failure: unknown = null;
  readBlobLater$(blob).subscribe({
    next: (read) => (bytes = read),
    error: (error: unknown) => (failure = error),
  });
  const standIn = standIns.get(blob) ?? md5Hex(utf8(`blob ${++count}`));
  standIns.set(blob, standIn);
  return {
    size: blob.size,
    standIn,
    chunks() {
      if (bytes !== null) return [bytes];
      throw new Error('The bytes of a Blob cannot be read in virtual time.', { cause: failure });
    },
  };
}
