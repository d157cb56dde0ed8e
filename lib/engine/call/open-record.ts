import { isUploadError } from '../../model/errors/is-upload-error.js';
import { ServiceError } from '../../model/errors/errors.js';
import type { RequestRecord } from '../../model/upload/request-record.js';
import type { TransportResponse } from '../../ports/transport/transport.js';
import { sizeOfBody, type ObsRequest } from '../../protocol/obs-request.js';
import { requestIdOf } from '../../protocol/response/response-headers.js';
import { monotonicNow } from '../../time.js';
import type { CallContext } from '../upload.js';

/** The record of a request that is being sent: added to the connection's log once, when the request has ended. */
export interface OpenRecord {
  /** The transport has sent this many bytes of the body. */
  readonly sent: (bytes: number) => void;
  readonly succeeded: (response: TransportResponse) => void;
  readonly failed: (error: unknown, response?: TransportResponse) => void;
  /** It was unsubscribed from, unless it had ended before. */
  readonly aborted: () => void;
}

export function openRecord(
  { shared: { requests, transport } }: CallContext,
  { operation, partNumber, body }: Pick<ObsRequest, 'operation' | 'partNumber' | 'body'>,
  { attempt, queuedMs }: Pick<RequestRecord, 'attempt' | 'queuedMs'>,
): OpenRecord {
  const sentAt = monotonicNow();
  let reportedBytes = 0;
  let isOpen = true;

  const sentBytes = (response: TransportResponse | null, errorCode: RequestRecord['errorCode']): number => {
    const size = sizeOfBody(body);
    const isAllSent = errorCode === null || (response !== null && !transport.reportsProgress);
    return isAllSent ? size : Math.min(reportedBytes, size);
  };

  const end = (
    errorCode: RequestRecord['errorCode'],
    response: TransportResponse | null = null,
    error: unknown = null,
  ): void => {
    if (!isOpen) return;
    isOpen = false;
    requests.add(() => ({
      operation,
      partNumber,
      attempt,
      status: response?.status || null,
      requestId: error instanceof ServiceError ? error.requestId : response && requestIdOf(response),
      sentBytes: sentBytes(response, errorCode),
      queuedMs,
      durationMs: monotonicNow() - sentAt,
      errorCode,
    }));
  };

  return {
    sent: (bytes) => void (reportedBytes = bytes),
    succeeded: (response) => end(null, response),
    failed: (error, response) => end(codeOf(error), response, error),
    aborted: () => end('aborted'),
  };
}

function codeOf(error: unknown): RequestRecord['errorCode'] {
  return isUploadError(error) ? error.code : 'unexpected';
}
