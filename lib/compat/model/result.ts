import type { ObsClientError } from '../obs-client-error.js';

/** What every call answers with. `InterfaceResult` is there where `CommonMsg.Status` is below 300. */
export interface ObsResult<T> {
  readonly CommonMsg: CommonMsg;
  readonly InterfaceResult?: T & RequestIds;
}

/** How the service answered; empty where it told nothing, or CORS hid it. */
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

/** For the service's support. */
export interface RequestIds {
  readonly RequestId: string;
  readonly Id2: string;
}

/**
 * Called once a call: with an error where there is no answer of the service to tell, else with the result, which may be
 * a refusal (see `CommonMsg.Status`). The other one is null.
 */
export type ObsCallback<T> = (error: ObsClientError | null, result: ObsResult<T> | null) => void;

/** Told while a body is sent: bytes, bytes, and seconds since the call began. */
export type ProgressCallback = (transferredAmount: number, totalAmount: number, totalSeconds: number) => void;
