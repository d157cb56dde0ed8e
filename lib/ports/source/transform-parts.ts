import { mergeMap, take } from 'rxjs';
import { toObservable } from '../from-port.js';
import { toUploadSource } from './to-upload-source.js';
import type { PartTransform, UploadSource } from './upload-source.js';

/**
 * A source whose parts go through a function before they are sent: encryption, for one. Each part is transformed by
 * itself, when it is about to be sent, so at most `taskNum` parts are in memory, and an upload resumes as without it.
 *
 * `partSize` counts the bytes before the transformation: the object consists of parts of `partSize + overheadBytes`
 * bytes, the last one shorter. To read it again, cut it there. `started` and `progress` count the bytes that are sent.
 * A resume needs the same transformation; what it returns for a part may differ each time, as with a random nonce.
 *
 * @example
 * ```ts
 * const sourceFile = transformParts(file, {
 *   overheadBytes: 12 + 16,
 *   transform: async (bytes) => {
 *     const iv = crypto.getRandomValues(new Uint8Array(12));
 *     const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, bytes));
 *     return new Uint8Array([...iv, ...sealed]);
 *   },
 * });
 * ```
 */
export function transformParts(source: Blob | UploadSource, { overheadBytes, transform }: PartTransform): UploadSource {
  const inner = toUploadSource(source);
  if ('transform' in inner) {
    return transformParts(inner.source, {
      overheadBytes: inner.overheadBytes + overheadBytes,
      transform: (bytes, partNumber) =>
        toObservable(inner.transform(bytes, partNumber)).pipe(
          take(1),
          mergeMap((transformed) => toObservable(transform(transformed, partNumber))),
        ),
    });
  }
  const { name, type, lastModified } = inner;
  return {
    name,
    type,
    lastModified,
    get size() {
      return inner.size;
    },
    source: inner,
    overheadBytes,
    transform,
  };
}
