import {
  isUploadError,
  toUploadErrorInfo,
  uploadFile$,
  type ObsConnection,
  type UploadCheckpoint,
  type UploadErrorInfo,
  type UploadEvent,
  type UploadRequest,
  type UploadResult,
} from 'rx-obs-upload';
import { catchError, EMPTY, lastValueFrom, takeWhile, toArray } from 'rxjs';

/** What an upload reported, as plain JSON. */
export interface Report {
  /** Types of its events, except `progress`. */
  readonly types: readonly UploadEvent['type'][];
  /** Numbers of the acknowledged parts. */
  readonly parts: readonly number[];
  readonly resumedBytes: number | null;
  readonly result: UploadResult | null;
  /** Whether nothing had to be sent; null without a result. */
  readonly skipped: boolean | null;
  readonly error: UploadErrorInfo | null;
  /** The last checkpoint, of an event or of the error. */
  readonly checkpoint: UploadCheckpoint | null;
}

/** Uploads to the end, or unsubscribes after the event that is the last one. */
export async function reportUpload(
  connection: ObsConnection,
  request: UploadRequest,
  isLast: (event: UploadEvent) => boolean = () => false,
): Promise<Report> {
  const errors: UploadErrorInfo[] = [];
  const events = await lastValueFrom(
    uploadFile$(connection, { retry: { maxAttempts: 3, baseDelayMs: 20 }, ...request }).pipe(
      takeWhile((event) => !isLast(event), true),
      catchError((error: unknown) => {
        errors.push(toUploadErrorInfo(error));
        return EMPTY;
      }),
      toArray(),
    ),
  );
  const [error = null] = errors;
  const backwards = [...events].reverse();
  const [last] = backwards;
  return {
    types: events.map(({ type }) => type).filter((type) => type !== 'progress'),
    parts: events.flatMap((event) => (event.type === 'part-completed' ? [event.partNumber] : [])),
    resumedBytes: backwards.find((event) => event.type === 'started')?.resumedBytes ?? null,
    result: last?.type === 'completed' ? last.result : null,
    skipped: last?.type === 'completed' ? last.skipped : null,
    error,
    checkpoint: error?.checkpoint ?? backwards.find((event) => event.type === 'checkpoint')?.checkpoint ?? null,
  };
}

/** The error that a call fails with; null if it succeeds. */
export async function errorOf(call: Promise<unknown>): Promise<UploadErrorInfo | null> {
  try {
    await call;
    return null;
  } catch (error) {
    if (!isUploadError(error)) throw error;
    return toUploadErrorInfo(error);
  }
}
