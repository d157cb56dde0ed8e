import type { ObsClientError } from '../obs-client-error.js';

/** The result of every call. `InterfaceResult` is present if `CommonMsg.Status` is below 300. */
export interface ObsResult<T> {
  readonly CommonMsg: CommonMsg;
  readonly InterfaceResult?: T & RequestIds;
}

/** The service's response; empty where it has no value or CORS hides it. */
export interface CommonMsg {
  /** HTTP status: below 300 is success. */
  readonly Status: number;
  /** Such as `AccessDenied`. */
  readonly Code: string;
  readonly Message: string;
  readonly HostId: string;
  readonly RequestId: string;
  readonly Id2: string;
}

/** To quote to the service's support. */
export interface RequestIds {
  readonly RequestId: string;
  readonly Id2: string;
}

/**
 * Called once per call: with an error if there is no response of the service, otherwise with the result, which may be a
 * refusal (see `CommonMsg.Status`). The other argument is null.
 */
export type ObsCallback<T> = (error: ObsClientError | null, result: ObsResult<T> | null) => void;

/** Called while a body is sent, with the bytes sent, the total bytes, and the seconds since the start of the call. */
export type ProgressCallback = (transferredAmount: number, totalAmount: number, totalSeconds: number) => void;
