/** Keys to sign with. In a page only ever temporary ones: a secret key in a page is everybody's. */
export interface ObsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials (STS). */
  readonly securityToken?: string | null;
  /** epoch milliseconds; where it is told, a provider is asked again ahead of it */
  readonly expiresAt?: number | null;
}
