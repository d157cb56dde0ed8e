import { InvalidOptionsError, ServiceError, SigningError } from '../../model/errors/errors.js';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import type { ObsUploadCheckpoint } from '../model/checkpoint.js';
import { ObsClientError, type ObsClientErrorCode } from '../obs-client-error.js';
import { paramNameOf } from './param-names.js';

/** Converts any error to the one that callbacks get. */
export function toClientError(cause: unknown, checkpoint: ObsUploadCheckpoint | null = null): ObsClientError {
  if (cause instanceof ObsClientError) return cause;
  const { code, message, status, serviceCode, requestId, partNumber: part } = toUploadErrorInfo(cause);
  const details = { status, serviceCode, requestId, part, checkpoint, cause };
  return new ObsClientError(code, inParamNames(cause, message), details);
}

/** The outcome of a hook's call. */
export function stopped(
  code: Extract<ObsClientErrorCode, 'suspended' | 'aborted'>,
  message: string,
  checkpoint: ObsUploadCheckpoint | null,
  cause?: unknown,
): ObsClientError {
  return new ObsClientError(code, message, { checkpoint, cause });
}

/** The refusal (HTTP 3xx to 5xx) behind an error; null if there is none. */
export function refusalOf(error: unknown): ServiceError | null {
  if (error instanceof ServiceError) return error.status >= 300 ? error : null;
  return error instanceof SigningError ? refusalOf(error.cause) : null;
}

/** Replaces the library's option names with the parameter names of this API. */
function inParamNames(error: unknown, message: string): string {
  return error instanceof InvalidOptionsError ? message.replace(error.option, paramNameOf(error.option)) : message;
}
