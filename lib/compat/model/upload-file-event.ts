import type { ObsClientError } from '../obs-client-error.js';
import type { InitiateMultipartUploadOutput, UploadPartOutput } from './multipart.js';
import type { ObsResult } from './result.js';

/** Which object an event of `uploadFile` is about, as far as that is known. */
export interface UploadFileEventParam {
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** The multipart upload's id. */
  readonly uploadId?: string;
  /** From 1 to 10,000; absent if it is not about a part. */
  readonly partNumber?: number;
  /** With quotes; absent if CORS hides it. */
  readonly etag?: string;
}

/** @inline */
interface InUpload extends UploadFileEventParam {
  readonly uploadId: string;
}

/** @inline */
interface InPart extends InUpload {
  readonly partNumber: number;
}

/** The events of `uploadFile`: the result and the fields of the param by type. */
export type UploadFileEvent =
  | [
      eventType: 'initiateMultipartUploadSucceed',
      eventParam: InUpload,
      eventResult: ObsResult<InitiateMultipartUploadOutput>,
    ]
  | [eventType: 'initiateMultipartUploadFailed', eventParam: UploadFileEventParam, eventResult: ObsClientError]
  | [eventType: 'uploadPartSucceed', eventParam: InPart, eventResult: ObsResult<UploadPartOutput>]
  /** A part failed in the network or the service: a retry may succeed. */
  | [eventType: 'uploadPartFailed', eventParam: InUpload, eventResult: ObsClientError]
  /** The service refused a part (3xx, 4xx). The other parts stay. */
  | [eventType: 'uploadPartAborted', eventParam: InUpload, eventResult: ObsClientError]
  | [eventType: 'completeMultipartUploadSucceed', eventParam: InUpload, eventResult: ObsResult<UploadFileOutput>]
  | [eventType: 'completeMultipartUploadFailed', eventParam: InUpload, eventResult: ObsClientError]
  /** The service refused to complete the upload (3xx, 4xx). The parts stay. */
  | [eventType: 'completeMultipartUploadAborted', eventParam: InUpload, eventResult: ObsClientError];

/** The eight types. */
export type UploadFileEventType = UploadFileEvent[0];

/** The result of the call, or its error: distinguish them with `instanceof Error`. */
export type UploadFileEventResult = UploadFileEvent[2];

/** Called on every event; errors that it throws do not stop the upload. */
export type EventCallback = (
  eventType: UploadFileEventType,
  eventParam: UploadFileEventParam,
  eventResult: UploadFileEventResult,
) => void;

/** The result of `uploadFile`. */
export interface UploadFileOutput {
  readonly Bucket: string;
  readonly Key: string;
  readonly Location: string;
  /** With quotes. */
  readonly ETag: string;
  readonly VersionId?: string;
  /** The response of the server at `CallbackUrl`: parsed JSON, else text. */
  readonly CallbackResponseBody?: unknown;
}
