/** An incremental hash. */
export interface Digest {
  update(bytes: Uint8Array): Digest;
  /** The digest, big-endian; the instance cannot be used afterwards. */
  digest(): Uint8Array;
}
