import type { Addressing } from 'rx-obs-upload';

/** Who asks. */
export interface User {
  /** Names the user's folder: letters, digits, `_` and `-`. */
  readonly id: string;
}

/** What users may have signed: nothing that is not named here. */
export interface SigningPolicy {
  /** Origin of the store, such as `https://obs.cn-north-4.myhuaweicloud.com`. */
  readonly server: string;
  readonly addressing: Addressing;
  readonly buckets: readonly string[];
  readonly headerPrefix: 'x-obs-' | 'x-amz-';
  /** Headers beside the harmless ones, in lower case, such as `x-obs-storage-class`. */
  readonly allowedHeaders: readonly string[];
  /** Content types beside the inert ones, in lower case and without parameters, such as `text/css`. */
  readonly allowedTypes?: readonly string[];
  readonly maxPartBytes: number;
  /** Of the whole object: checked before complete is signed. */
  readonly maxObjectBytes: number;
  /** Of a file that goes as one PUT. No signature can bind its size, so keep it small; 0 refuses such files. */
  readonly maxPutBytes: number;
  /** At most 300; what begins an upload is good for 60 at most. */
  readonly expiresInSeconds: number;
  /** Unfinished uploads that a user may have: with so many, no other one is begun. At most 1,000. */
  readonly maxUnfinishedUploads: number;
  /** Questions to the store that one user may cause in a minute. */
  readonly maxStoreCallsPerMinute: number;
}

/** A request as it came from the page: nothing of it is believed yet. */
export interface AskedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** bytes of the body; null where there is none */
  readonly size: number | null;
}

/** Why nothing is signed: told to the page. */
export class Refusal extends Error {
  /** HTTP status */
  readonly status: number;

  constructor(message: string, status = 403) {
    super(message);
    this.status = status;
  }
}
