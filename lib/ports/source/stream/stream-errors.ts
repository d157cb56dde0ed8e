import { InvalidOptionsError, SourceError, StoreError } from '../../../model/errors/errors.js';
import type { UploadError } from '../../../model/errors/upload-error.js';

export function broken(cause: unknown): UploadError {
  if (cause instanceof InvalidOptionsError) return cause;
  return new SourceError(
    'source-unreadable',
    'The stream failed before its end, so the object was not made; the parts that were sent stay on the server.',
    { cause },
  );
}

export function notAChunk(): SourceError {
  return new SourceError(
    'source-unreadable',
    'The stream emitted something else than Blobs and Uint8Arrays. Convert it first: text with TextEncoder.',
  );
}

export function overflow(limit: number): SourceError {
  return new SourceError(
    'source-overflow',
    `The stream is ahead of the upload by more than maxBufferedBytes (${limit} bytes), so it was unsubscribed from. Raise ` +
      'maxBufferedBytes, send more parts at once, produce less, or pass a ReadableStream, which is read only as fast as ' +
      'it is sent.',
  );
}

export function cutOff(end: number): StoreError {
  return new StoreError(
    `Part of this recording is missing from the browser's storage: only the ${end} bytes before the gap are uploaded.`,
  );
}

export function released(): SourceError {
  return new SourceError(
    'source-unreadable',
    'A part of this stream was sent already and is no longer stored, so it cannot be sent again. Resume with the last ' +
      'checkpoint; if the upload is gone from the server, produce the stream again.',
    { resumable: false },
  );
}

export function partsReleased(): SourceError {
  return new SourceError(
    'source-unreadable',
    'Parts of this stream were sent already and are no longer stored, so they cannot be sent again. Resume with the last ' +
      'checkpoint; if that upload is gone from the server, the stream has to be produced again.',
    { resumable: false },
  );
}

export function partsGone(): SourceError {
  return new SourceError(
    'source-unreadable',
    'The upload of this stream is gone from the server: it was aborted elsewhere, or a lifecycle rule of the bucket ' +
      'removed it. Its parts were not stored here any more, so the object cannot be made: produce the stream again, as ' +
      'another source.',
    { resumable: false },
  );
}

export function inUse(): InvalidOptionsError {
  return new InvalidOptionsError(
    'sourceFile',
    'This stream is being uploaded already, and can be sent only once. Cancel that upload first, or send the stream to ' +
      'two sources with share().',
  );
}
