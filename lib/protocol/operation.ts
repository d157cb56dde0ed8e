import type { TransportResponse } from '../ports/transport/transport.js';
import type { ObsRequest } from './obs-request.js';
import type { ResponseContext } from './response/response.js';

/** One call of the OBS API as a value: what is sent, and how its response is read. */
export interface Operation<R> {
  readonly request: ObsRequest;
  /** Reads 2xx responses only. @throws ServiceError for a response that is not the service's success */
  readonly read: (response: TransportResponse, context: ResponseContext) => R;
}
