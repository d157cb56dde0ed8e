import type { UploadCheckpoint } from '../checkpoint/checkpoint.js';
import type { UploadErrorCode } from '../upload/error-info.js';
import type { Operation } from '../operation.js';

/** What an `UploadError` is made from. */
export interface UploadErrorDetails {
  /** Whether sending the request again may help. @defaultValue false */
  readonly retryable?: boolean;
  /**
   * false: the upload cannot be resumed, even with a checkpoint.
   * @defaultValue true
   */
  readonly resumable?: boolean;
  /** The call that failed; null if it was none. */
  readonly operation?: Operation | null;
  /** null if it is not about a part. */
  readonly partNumber?: number | null;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * The base of every error of this library. `message` says what happened and what to do; it carries no secret,
 * signature or signed query. Use `isUploadError` rather than `instanceof` if two copies of the library may meet.
 */
export abstract class UploadError extends Error {
  /** Brand that works across copies of the library. */
  readonly isRxObsUploadError = true as const;
  /** What went wrong. */
  readonly code: UploadErrorCode;
  /** Whether the same request may succeed if it is simply sent again. */
  readonly retryable: boolean;
  /** The call that failed; null if no call did. */
  readonly operation: Operation | null;
  /** null if it is not about a part. */
  readonly partNumber: number | null;
  /** The last checkpoint of the upload that failed; null if there is none. */
  readonly checkpoint: UploadCheckpoint | null = null;

  private readonly leavesCheckpointGood: boolean;

  /**
   * Whether the same upload can be resumed with `checkpoint`. With a checkpoint: its parts are still valid, and the
   * upload resumes once the cause is gone or fixed (a network failure, expired credentials, an unreadable file).
   * Without one, nothing has been started, or the file is sent as one PUT: true only for transient errors
   * (`retryable`), not for refusals that would recur, such as a missing bucket or wrong credentials. Never true for
   * invalid options and unusable checkpoints.
   */
  get resumable(): boolean {
    return this.leavesCheckpointGood && (this.checkpoint !== null || this.retryable);
  }

  constructor(code: UploadErrorCode, message: string, details: UploadErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? false;
    this.leavesCheckpointGood = details.resumable ?? true;
    this.operation = details.operation ?? null;
    this.partNumber = details.partNumber ?? null;
  }
}

/** What only those who pass an error on know about it. */
export interface ErrorContext {
  readonly operation?: Operation | null;
  readonly partNumber?: number | null;
  readonly checkpoint?: UploadCheckpoint | null;
}

/**
 * A copy of an error with its context; the error itself if it has that context already. Never changes the error: several
 * requests and uploads may fail with the same one, and it may be frozen. The copy keeps the class, the stack, the cause
 * and every other field.
 */
export function withContext<E extends UploadError>(error: E, context: ErrorContext): E {
  const fields = Object.entries(context);
  if (fields.every(([name, value]) => error[name as keyof ErrorContext] === value)) return error;
  const copy = Object.setPrototypeOf(new Error(error.message), Object.getPrototypeOf(error) as object) as E;
  for (const key of Reflect.ownKeys(error)) {
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, key);
    define(copy, key, error[key as keyof E], enumerable);
  }
  // Not an own property in every engine.
  define(copy, 'stack', error.stack, false);
  for (const [name, value] of fields) define(copy, name, value, true);
  return copy;
}

function define(copy: object, key: PropertyKey, value: unknown, enumerable: boolean): void {
  Object.defineProperty(copy, key, { value, enumerable, writable: true, configurable: true });
}
