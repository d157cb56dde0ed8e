import type { UploadErrorInfo } from '../../model/upload/error-info.js';

/**
 * A network failure of part 1, with the given fields replaced.
 *
 * @example
 * ```ts
 * const event = events.retrying({ error: errorInfoOf({ code: 'stalled' }) });
 * ```
 */
export function errorInfoOf(fields: Partial<UploadErrorInfo> = {}): UploadErrorInfo {
  return {
    name: 'NetworkError',
    code: 'network',
    message: 'There was no response: the network failed or the server is not reachable.',
    retryable: true,
    resumable: true,
    operation: 'uploadPart',
    partNumber: 1,
    status: null,
    serviceCode: null,
    requestId: null,
    cause: null,
    checkpoint: null,
    ...fields,
  };
}
