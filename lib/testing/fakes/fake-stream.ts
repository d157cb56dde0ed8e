import { Observable, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { isBytes } from '../../model/kinds.js';
import type { Chunk } from '../../ports/source/stream/stream-buffer.js';
import { streamSource } from '../../ports/source/stream-source.js';
import type { StreamSourceOptions } from '../../ports/source/stream-source-options.js';
import type { GrowingSource } from '../../ports/source/upload-source.js';
import { contentOf } from '../bytes/content.js';
import { rememberBytes } from './fake-source.js';
import { collect, piecesOf } from '../bytes/pieces.js';

/** A fake stream: when its chunks come, and what they are. */
export interface FakeStreamOptions extends StreamSourceOptions {
  /**
   * As of `TestScheduler.run`: each letter is a chunk, `|` the end, `#` an error; without an end the stream never ends.
   * Outside `run` a character lasts 10 ms.
   */
  readonly marbles: string;
  /** Chunks by letter, instead of generated ones. */
  readonly chunks?: Readonly<Record<string, Blob | Uint8Array>> | undefined;
  /** The size of generated chunks. @defaultValue 64 KiB */
  readonly chunkBytes?: number | undefined;
  /** An integer that determines the bytes. @defaultValue 1 */
  readonly seed?: number | undefined;
  /** @defaultValue an Error */
  readonly error?: unknown;
}

/** A stream that is produced in virtual or real time, once an upload has begun. */
export type FakeStream = GrowingSource;

/**
 * A stream whose chunks come by marbles, as the `sourceFile` of an upload; `bytesOf` gives all bytes that it produces.
 *
 * @example
 * ```ts
 * const sourceFile = fakeStream({ marbles: 'a 900ms b 900ms (c|)', chunkBytes: 300 * 1024 });
 * ```
 */
export function fakeStream(options: FakeStreamOptions): FakeStream {
  const chunksOf = (): Chunk[] => {
    let generated = 0;
    return lettersOf(options.marbles).map((letter) => options.chunks?.[letter] ?? generate(options, generated++));
  };
  const chunk$ = new Observable<Chunk>((subscriber) => {
    const chunks = chunksOf();
    const error = options.error ?? new Error('The stream failed.');
    for (const { frame, notification } of messagesOf(options.marbles)) {
      const emit = (): void => {
        const chunk = notification.kind === 'N' ? chunks.shift() : undefined;
        if (chunk !== undefined) subscriber.next(chunk);
        else if (notification.kind === 'E') subscriber.error(error);
        else subscriber.complete();
      };
      subscriber.add(timer(frame).subscribe(emit));
    }
  });
  const source = streamSource(chunk$, options) as FakeStream;
  rememberBytes(source, () => piecesOf(...chunksOf().map(readable)));
  return source;
}

function generate({ chunkBytes = 64 * 1024, seed }: FakeStreamOptions, i: number): Uint8Array {
  return collect(contentOf({ seed }, Number.MAX_SAFE_INTEGER).pieces(i * chunkBytes, (i + 1) * chunkBytes));
}

function messagesOf(marbles: string): TestMessage[] {
  return TestScheduler.parseMarbles(marbles, undefined, undefined, false, true);
}

type TestMessage = ReturnType<typeof TestScheduler.parseMarbles>[number];

function lettersOf(marbles: string): string[] {
  return messagesOf(marbles).flatMap(({ notification }) =>
    notification.kind === 'N' ? [String(notification.value)] : [],
  );
}

function readable(chunk: Chunk): Uint8Array {
  if (isBytes(chunk)) return chunk;
  throw new TypeError('bytesOf cannot read the Blobs of a fakeStream.');
}
