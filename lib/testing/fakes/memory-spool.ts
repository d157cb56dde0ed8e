import { defer, EMPTY, of } from 'rxjs';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import type { RecordedChunk, SpooledStream, StreamSpool } from '../../ports/spool/stream-spool.js';

/**
 * A spool in memory: synchronous, so that it works in virtual time. It stands for what a page leaves behind in the
 * browser.
 *
 * @example
 * ```ts
 * const sourceFile = streamSource(recording$, { spool: memorySpool() });
 * ```
 */
export function memorySpool(): StreamSpool {
  const recordings = new Map<string, Recorded>();
  const done = (action: () => unknown): ReturnType<StreamSpool['save']> =>
    defer(() => {
      action();
      return EMPTY;
    });
  return {
    save: (stream) =>
      done(() => {
        const before = recordings.get(stream.id) ?? {
          chunks: new Map<number, RecordedChunk>(),
          parts: new Map<number, UploadedPart>(),
        };
        recordings.set(stream.id, { ...before, stream });
      }),
    append: (id, start, chunk) => done(() => recordings.get(id)?.chunks.set(start, { start, chunk })),
    acknowledge: (id, part, released) =>
      done(() => {
        const recording = recordings.get(id);
        recording?.parts.set(part.partNumber, part);
        for (const start of released) recording?.chunks.delete(start);
      }),
    load: (id) =>
      defer(() => {
        const recording = recordings.get(id);
        if (recording === undefined) return EMPTY;
        const { stream, chunks, parts } = recording;
        return of({ ...stream, chunks: [...chunks.values()], acknowledged: [...parts.values()] });
      }),
    list: () => defer(() => of([...recordings.keys()])),
    remove: (id) => done(() => recordings.delete(id)),
  };
}

interface Recorded {
  readonly stream: SpooledStream;
  /** By their positions. */
  readonly chunks: Map<number, RecordedChunk>;
  /** By their numbers. */
  readonly parts: Map<number, UploadedPart>;
}
