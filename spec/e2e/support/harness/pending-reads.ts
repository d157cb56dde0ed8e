import type { SizedSource } from 'rx-obs-upload';
import { defer, finalize } from 'rxjs';

/** The number of reads in progress. */
let pending = 0;

const { arrayBuffer } = Blob.prototype;
Blob.prototype.arrayBuffer = function (this: Blob) {
  pending += 1;
  return arrayBuffer.call(this).finally(() => (pending -= 1));
};

/** Counts the reads of a source that is not a Blob. */
export function withCountedReads(source: SizedSource): SizedSource {
  const read: SizedSource['read'] = (start, end) =>
    defer(() => {
      pending += 1;
      return source.read(start, end);
    }).pipe(finalize(() => (pending -= 1)));
  return { ...source, read };
}

/** Time must not advance while the platform reads: the read would seem to have stalled. */
export async function readsHaveEnded(): Promise<void> {
  while (pending > 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
