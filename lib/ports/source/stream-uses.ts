import { finalFirstPart$ } from './final-first-part.js';
import { partsGone, partsReleased } from './stream-errors.js';
import { partsOfStream } from './stream-parts.js';
import type { StreamedSource } from './streamed-source.js';
import type { GrowingSource } from './upload-source.js';

/** What an upload does with a stream, wherever its bytes come from. */
export function usesOf(
  source: () => GrowingSource,
): Pick<StreamedSource, 'partsToSend' | 'finalFirstPart$' | 'requireEntire'> {
  return {
    partsToSend: (partSize, uploaded) => partsOfStream(source(), partSize, uploaded),
    finalFirstPart$: (size, withinMs) => finalFirstPart$(source(), size, withinMs),
    requireEntire(next) {
      if (source().acknowledged.length > 0) throw next === 'restart' ? partsGone() : partsReleased();
    },
  };
}
