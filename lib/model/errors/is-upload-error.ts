import { isError } from '../kinds.js';
import { cleanText, hideSecrets } from './clean-text.js';
import type { UploadErrorInfo } from '../upload/error-info.js';
import type { ServiceErrorDetails } from './errors.js';
import { UploadError } from './upload-error.js';

const MAX_MESSAGE_LENGTH = 2000;
const MAX_ID_LENGTH = 256;

/**
 * Whether an error comes from this library, even from another copy of it.
 *
 * @example
 * ```ts
 * uploadFile$(obs, request).subscribe({
 *   error: (error: unknown) => console.error(isUploadError(error) ? error.code : error),
 * });
 * ```
 */
export function isUploadError(error: unknown): error is UploadError {
  return (
    error instanceof UploadError ||
    (typeof error === 'object' && error !== null && (error as Partial<UploadError>).isRxObsUploadError === true)
  );
}

/**
 * An error as plain JSON. One that is not from this library becomes `unexpected`, which is not resumable: code that
 * threw may throw again. The last `checkpoint` event is still valid.
 *
 * @example
 * ```ts
 * uploadFile$(obs, request).subscribe({ error: (error: unknown) => report(JSON.stringify(toUploadErrorInfo(error))) });
 * ```
 */
export function toUploadErrorInfo(error: unknown): UploadErrorInfo {
  if (!isUploadError(error)) {
    const { message, cause } = thrown(error);
    return { ...unexpected, message: hideSecrets(cleanText(message, MAX_MESSAGE_LENGTH)), cause: describeCause(cause) };
  }
  const { status = null, serviceCode = null, requestId = null } = error as Partial<ServiceErrorDetails>;
  return {
    name: error.name,
    code: error.code,
    message: cleanText(error.message, MAX_MESSAGE_LENGTH),
    retryable: error.retryable,
    resumable: error.resumable,
    operation: error.operation,
    partNumber: error.partNumber,
    status,
    serviceCode: serviceCode === null ? null : cleanText(serviceCode, MAX_ID_LENGTH),
    requestId: requestId === null ? null : cleanText(requestId, MAX_ID_LENGTH),
    cause: describeCause(error.cause),
    checkpoint: error.checkpoint,
  };
}

/** What an application throws may be any object, even one that cannot be read. */
function thrown(error: unknown): { readonly message: string; readonly cause?: unknown } {
  try {
    return isError(error) ? error : { message: String(error) };
  } catch {
    return { message: 'The value that was thrown cannot be read.' };
  }
}

const unexpected: Omit<UploadErrorInfo, 'message' | 'cause'> = {
  name: 'Error',
  code: 'unexpected',
  retryable: false,
  resumable: false,
  operation: null,
  partNumber: null,
  status: null,
  serviceCode: null,
  requestId: null,
  checkpoint: null,
};

const MAX_CAUSE_LENGTH = 300;
/** Cut off before it is searched for secrets; much longer than what is shown, so that none is cut in two. */
const MAX_READ = 4000;

/** Bounds in every repetition: an error of the application may contain anything. */
const userInUrl = /(:\/\/)[^\s/@"'<>]{1,256}@/g;
const query = /\?(?:[^\s"'<>=?]{1,256}=|(?<=:\/\/[^\s?#"'<>]{1,1024}\?)[^\s"'<>])[^\s"'<>]*/g;
const jsonWebToken = /\beyJ[\w-]{8,4096}(?:\.[\w-]{0,4096}){0,2}/g;
const cookie = /((?:cookie|api-?key|session-?id|passw(?:or)?d)["']?\s{0,4}[=:]\s{0,4}["']?)[^\s"'<>]{1,4096}/gi;

/**
 * The cause of an error as text: `HttpErrorResponse: Http failure response for /api/sign: 401 Unauthorized`. One line,
 * short, without what may be a secret (queries, tokens, signatures). null if there is no cause, or none that can be read.
 */
function describeCause(cause: unknown): string | null {
  if (cause === undefined || cause === null) return null;
  try {
    const text = redact(cleanText(textOf(cause), MAX_READ));
    return text === '' ? null : text.length <= MAX_CAUSE_LENGTH ? text : `${text.slice(0, MAX_CAUSE_LENGTH - 1)}…`;
  } catch {
    // A cause may be any object, with getters that throw.
    return null;
  }
}

function textOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return typeof cause === 'function' ? '' : String(cause);
  const { name, message, status } = cause as Partial<Record<'name' | 'message' | 'status', unknown>>;
  const text = [name, message].filter((part) => typeof part === 'string' && part !== '').join(': ');
  // HTTP clients report the status in a field, as do responses that are thrown.
  const http = typeof status === 'number' && !text.includes(String(status)) ? `HTTP ${status}` : '';
  if (text === '' || http === '') return text || http;
  return `${text} (${http})`;
}

function redact(text: string): string {
  return hideSecrets(
    text.replace(userInUrl, '$1…@').replace(query, '?…').replace(jsonWebToken, '…').replace(cookie, '$1…'),
  );
}
