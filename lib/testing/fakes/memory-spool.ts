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
  const streams = new Map<string, SpooledStream>();
  const chunks = new Map<string, Map<number, RecordedChunk>>();
  const parts = new Map<string, Map<number, UploadedPart>>();
  const done = (action: () => unknown): ReturnType<StreamSpool['save']> =>
    defer(() => {
      action();
      return EMPTY;
    });
  return {
    save: (stream) => done(() => streams.set(stream.id, stream)),
    append: (id, start, chunk) =>
      done(() => chunks.set(id, (chunks.get(id) ?? new Map<number, RecordedChunk>()).set(start, { start, chunk }))),
    acknowledge: (id, part, released) =>
      done(() => {
        parts.set(id, (parts.get(id) ?? new Map<number, UploadedPart>()).set(part.partNumber, part));
        for (const start of released) chunks.get(id)?.delete(start);
      }),
    load: (id) =>
      defer(() => {
        const stream = streams.get(id);
        if (stream === undefined) return EMPTY;
        return of({
          ...stream,
          chunks: [...(chunks.get(id)?.values() ?? [])],
          acknowledged: [...(parts.get(id)?.values() ?? [])],
        });
      }),
    list: () => defer(() => of([...streams.keys()])),
    remove: (id) => done(() => [streams, chunks, parts].forEach((stored) => stored.delete(id))),
  };
}
