import type { StreamedBody } from '../../ports/transport/transport.js';
import type { Pieces } from './pieces.js';

/** A streamed body that the fake transport can also take synchronously, as its chunks. */
export interface LazyBody extends StreamedBody, Pieces {
  readonly size: number;
}

export function lazyBody(pieces: Pieces): LazyBody {
  return {
    size: pieces.size,
    chunks: () => pieces.chunks(),
    stream: () => {
      let chunks: Iterator<Uint8Array> | null = null;
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          chunks ??= pieces.chunks()[Symbol.iterator]();
          const next = chunks.next();
          if (next.done) controller.close();
          else controller.enqueue(next.value);
        },
      });
    },
  };
}
