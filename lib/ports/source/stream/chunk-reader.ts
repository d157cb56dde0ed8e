import { defer, type ObservableInput } from 'rxjs';
import { isVirtualTime } from '../../../time.js';
import { notInVirtualTime, toObservable, type NativeObservable } from '../../from-port.js';

/** What a stream is made from. */
export type Chunks<T> = ObservableInput<T> | NativeObservable<T>;

/** Where chunks go. */
export interface ChunkSink<T> {
  /** Whether more is needed now: asked before each chunk of what can be read at the reader's pace. */
  readonly isWanted: () => boolean;
  readonly next: (chunk: T) => void;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
}

/** Reads a stream once. */
export interface ChunkReader {
  /** Reads no more than is wanted. */
  readonly isPaced: boolean;
  /** Reads as much as is wanted; the first call begins. */
  readonly read: () => void;
  /** Nothing of what is still to come is needed. */
  readonly stop: () => void;
}

/** Iterables and ReadableStreams are read as far as wanted; an Observable emits when it likes. */
export function createChunkReader<T>(chunks: Chunks<T>, sink: ChunkSink<T>): ChunkReader {
  const pull = pullFrom(chunks);
  return pull === null ? pushed(chunks, sink) : pulled(pull, sink);
}

function pushed<T>(chunks: Chunks<T>, sink: ChunkSink<T>): ChunkReader {
  let hasBegun = false;
  let isStopped = false;
  let unsubscribe = (): void => undefined;
  return {
    isPaced: false,
    read() {
      if (hasBegun) return;
      hasBegun = true;
      const subscription = defer(() => toObservable(chunks)).subscribe({
        // What emits synchronously cannot be unsubscribed from until `subscribe` returns.
        next: (chunk) => (isStopped ? undefined : sink.next(chunk)),
        error: (error: unknown) => (isStopped ? undefined : sink.fail(error)),
        complete: () => (isStopped ? undefined : sink.end()),
      });
      unsubscribe = () => subscription.unsubscribe();
      if (isStopped) unsubscribe();
    },
    stop() {
      isStopped = true;
      unsubscribe();
    },
  };
}

/** One way to read iterators and streams. */
interface Pull<T> {
  next(): IteratorResult<T, unknown> | PromiseLike<IteratorResult<T, unknown>>;
  cancel(): void;
}

function pulled<T>(open: () => Pull<T>, sink: ChunkSink<T>): ChunkReader {
  let pull: Pull<T> | null = null;
  let isReading = false;
  let hasEnded = false;

  const fail = (error: unknown): void => {
    hasEnded = true;
    sink.fail(error);
  };
  const take = (result: IteratorResult<T, unknown>): void => {
    if (result.done === true) {
      hasEnded = true;
      sink.end();
    } else sink.next(result.value);
  };
  const read = (): void => {
    if (isReading) return;
    isReading = true;
    try {
      while (!hasEnded && sink.isWanted()) {
        pull ??= open();
        const next = pull.next();
        if ('then' in next) {
          next.then(
            (result) => {
              isReading = false;
              if (hasEnded) return;
              take(result);
              read();
            },
            (error: unknown) => {
              if (!hasEnded) fail(error);
            },
          );
          return;
        }
        take(next);
      }
    } catch (error) {
      fail(error);
    }
    isReading = false;
  };
  return {
    isPaced: true,
    read,
    stop() {
      hasEnded = true;
      pull?.cancel();
    },
  };
}

/** null: it cannot be read step by step. */
function pullFrom<T>(chunks: Chunks<T>): (() => Pull<T>) | null {
  if (typeof chunks !== 'object' || 'subscribe' in chunks || 'then' in chunks) return null;
  if ('getReader' in chunks) return () => ofStream(inRealTime(chunks) as ReadableStream<T>);
  if (Symbol.asyncIterator in chunks) return () => ofIterator(inRealTime(chunks)[Symbol.asyncIterator]());
  if (Symbol.iterator in chunks) return () => ofIterator(chunks[Symbol.iterator]());
  return null;
}

function ofStream<T>(stream: ReadableStream<T>): Pull<T> {
  const reader = stream.getReader();
  return {
    next: () => reader.read(),
    cancel: () => void reader.cancel().catch(() => undefined),
  };
}

function ofIterator<T>(iterator: Iterator<T> | AsyncIterator<T>): Pull<T> {
  return {
    next: () => iterator.next(),
    cancel: () => {
      const returned = iterator.return?.();
      if (returned !== undefined && 'then' in returned) returned.then(undefined, () => undefined);
    },
  };
}

function inRealTime<S>(stream: S): S {
  if (!isVirtualTime()) return stream;
  throw notInVirtualTime('sourceFile', 'Use an Observable of chunks, such as fakeStream() of rx-obs-upload/testing');
}
