/** An incremental hash. Apart from the code that uses crypto-js, whose types users do not have installed. */
export interface Digest {
  update(bytes: Uint8Array): Digest;
  /** The digest, big-endian; the instance cannot be used afterwards. */
  digest(): Uint8Array;
}
