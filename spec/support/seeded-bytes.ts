import { createCipheriv, createHash } from 'node:crypto';

/** Another `PROPERTY_SEED` results in other contents. */
const seed = Number(process.env.PROPERTY_SEED ?? 20_260_115);

/** Bytes that look random and are the same in every run. @param salt - for other bytes of the same size */
export function seededBytes(size: number, salt = 0): Buffer<ArrayBuffer> {
  const key = createHash('md5').update(`${seed} ${size} ${salt}`).digest();
  const bytes = Buffer.alloc(size);
  bytes.set(createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(bytes));
  return bytes;
}

/** A replacement for `Math.random`. */
export function seededRandom(): () => number {
  let drawn = 0;
  return () => seededBytes(4, drawn++).readUInt32LE() / 2 ** 32;
}
