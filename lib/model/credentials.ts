/** Keys to sign with. In a page only ever temporary ones: a secret key in a page is everybody's. */
export interface ObsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials (STS). */
  readonly securityToken?: string | null | undefined;
  /**
   * When they expire, in epoch milliseconds: a function that gets credentials is called again ahead of it. What a
   * backend sends as epoch seconds or as ISO 8601 text with a time zone is read as such.
   */
  readonly expiresAt?: number | null | undefined;
}
