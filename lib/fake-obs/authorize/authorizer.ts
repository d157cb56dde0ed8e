import type { FakeCredentials, ObsConfig } from '../state/config.js';
import type { HeaderPrefix, ObsRequest } from '../request/request.js';

/** One way in which requests are signed. */
export interface Authorizer {
  readonly prefix: HeaderPrefix;
  /** Whether the request is signed in this way. */
  recognises(request: ObsRequest): boolean;
  /** The credentials that signed the request; throws a `Refusal` where the signature is wrong. */
  authorize(request: ObsRequest, config: ObsConfig): FakeCredentials;
}
