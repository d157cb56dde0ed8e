import type { FakeCredentials, ObsConfig } from '../config.js';
import type { HeaderPrefix, ObsRequest } from '../request.js';

/** One way in which requests are signed. */
export interface Authorizer {
  readonly prefix: HeaderPrefix;
  /** Whether the request is signed in this way. */
  recognises(request: ObsRequest): boolean;
  /** Whose keys signed the request; throws a `Refusal` where they did not. */
  authorize(request: ObsRequest, config: ObsConfig): FakeCredentials;
}
