import type { Dialect } from '../protocol/dialect.js';

/** Where OBS's signature and AWS's version 2 differ. */
export interface HmacSha1Scheme {
  /** First word of `Authorization`. */
  readonly name: 'OBS' | 'AWS';
  readonly dialect: Dialect;
  /** Query parameter that names the access key. */
  readonly accessKeyParameter: 'AccessKeyId' | 'AWSAccessKeyId';
}
