/** `crypto.getRandomValues` fills no more at once. */
const BLOCK_BYTES = 65_536;

/** A file of random bytes, so that no part is like another. */
export function generateFile(name: string, size: number): File {
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  for (let left = size; left > 0; left -= BLOCK_BYTES) {
    blocks.push(crypto.getRandomValues(new Uint8Array(Math.min(left, BLOCK_BYTES))));
  }
  return new File(blocks, name, { type: 'application/octet-stream' });
}
