import type { SizedSource } from 'rx-obs-upload';
import { defer, finalize } from 'rxjs';

/** Reads that have not ended. */
let pending = 0;

const { arrayBuffer } = Blob.prototype;
Blob.prototype.arrayBuffer = function (this: Blob) {
  pending += 1;
  return arrayBuffer.call(this).finally(() => (pending -= 1));
};

/** A source that is no Blob, with its reads counted. */
export function withCountedReads(source: SizedSource): SizedSource {
  const read: SizedSource['read'] = (start, end) =>
    defer(() => {
      pending += 1;
      return source.read(start, end);
    }).pipe(finalize(() => (pending -= 1)));
  return { ...source, read };
}

/** Time must not be moved on while the platform reads: the read would be taken for one that is stalled. */
export async function whenNothingIsRead(): Promise<void> {
  while (pending > 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
