/** Reads of Blobs that have not ended. */
let pending = 0;

const { arrayBuffer } = Blob.prototype;
Blob.prototype.arrayBuffer = function (this: Blob) {
  pending += 1;
  return arrayBuffer.call(this).finally(() => (pending -= 1));
};

/** Time must not be moved on while the platform reads: the read would be taken for one that is stalled. */
export async function whenNothingIsRead(): Promise<void> {
  while (pending > 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
