/** Who wants requests signed. */
export interface SigningUser {
  /** Names the user's folder: 1 to 64 letters, digits, `_` and `-`. */
  readonly id: string;
}

/** What users may have signed: nothing that is not allowed here. */
export interface SigningPolicy {
  /** Those that may be written to. */
  readonly buckets: readonly string[];
  /**
   * Where a user's keys must begin, with a slash at its end.
   * @defaultValue `users/<id>/`
   */
  readonly keyPrefix?: ((user: SigningUser) => string) | undefined;
  /**
   * Headers besides the harmless ones, in lower case, such as `x-obs-storage-class`.
   * @defaultValue none
   */
  readonly allowedHeaders?: readonly string[] | undefined;
  /**
   * Content types besides the inert ones, in lower case and without parameters, such as `text/css`.
   * @defaultValue none
   */
  readonly allowedTypes?: readonly string[] | undefined;
  /**
   * bytes
   * @defaultValue 64 MiB
   */
  readonly maxPartBytes?: number | undefined;
  /**
   * Bytes of an object that is made of parts: checked before complete is signed.
   * @defaultValue 10 GiB
   */
  readonly maxObjectBytes?: number | undefined;
  /**
   * Bytes of a file that is sent as one PUT. No signature can bind its size, so keep it small; 0 refuses such files.
   * @defaultValue 64 MiB
   */
  readonly maxPutBytes?: number | undefined;
  /**
   * How long a signature is valid: at most 300; those of initiate and complete 60 at most.
   * @defaultValue 300
   */
  readonly expiresInSeconds?: number | undefined;
  /**
   * Unfinished uploads that a user may have: with this many, no other one is started. At most 1,000.
   * @defaultValue 200
   */
  readonly maxUnfinishedUploads?: number | undefined;
  /**
   * Requests to the store that one user may cause in a minute.
   * @defaultValue 600
   */
  readonly maxStoreCallsPerMinute?: number | undefined;
  /**
   * Signatures for one user in a minute.
   * @defaultValue 6,000
   */
  readonly maxSignaturesPerMinute?: number | undefined;
}
