/** Credentials to sign with. In a page use only temporary ones: everybody can read a secret key in a page. */
export interface ObsCredentials {
  /** The access key (AK). */
  readonly accessKeyId: string;
  /** The secret key (SK). */
  readonly secretAccessKey: string;
  /** Of temporary credentials (STS). */
  readonly securityToken?: string | null | undefined;
  /**
   * When they expire, in epoch milliseconds: a `credentials` function is called again before that. Epoch seconds and
   * ISO 8601 text with a time zone, as backends send them, are understood too.
   */
  readonly expiresAt?: number | null | undefined;
}
