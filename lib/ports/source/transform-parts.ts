import { map, mergeMap, take, type Observable } from 'rxjs';
import { mapError } from '../../map-error.js';
import { InvalidOptionsError, SourceError } from '../../model/errors/errors.js';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import { isBytes } from '../../model/kinds.js';
import { MAX_PART_SIZE } from '../../model/checkpoint/parts.js';
import { requireInteger } from '../../validation/check.js';
import { firstValue$, toObservable } from '../from-port.js';
import { toUploadSource } from './to-upload-source.js';
import type { PartTransform, TransformedSource, UploadSource } from './upload-source.js';

/** What an upload needs of a transformation: `transformParts` brings the code, so pages without it lack it. */
export interface CheckedTransform {
  readonly overheadBytes: number;
  /** The bytes to send for those of a part; fails with an `UploadError`. */
  readonly transformed$: (bytes: Uint8Array, partNumber: number, withinMs: number) => Observable<Uint8Array>;
}

/** Every transformed source is of this library's making. */
export interface TransformingSource extends TransformedSource {
  /** @throws InvalidOptionsError */
  checked(): CheckedTransform;
}

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
  const transforming: TransformingSource = {
    name,
    type,
    lastModified,
    get size() {
      return inner.size;
    },
    source: inner,
    overheadBytes,
    transform,
    checked: () => checked({ overheadBytes, transform }),
  };
  return transforming;
}

function checked({ overheadBytes, transform }: PartTransform): CheckedTransform {
  requireInteger('overheadBytes', overheadBytes, 0, MAX_PART_SIZE);
  if (typeof transform !== 'function') throw new InvalidOptionsError('transform', 'transform must be a function.');
  return {
    overheadBytes,
    transformed$: (bytes, partNumber, withinMs) =>
      firstValue$(() => transform(bytes, partNumber), {
        port: 'transform',
        withinMs,
        silent: () => new Error('The transformation took too long.'),
        empty: () => new Error('The transformation completed without bytes.'),
      }).pipe(
        mapError(failed),
        map((body) => requireSize(body, bytes.length + overheadBytes, partNumber)),
      ),
  };
}

function failed(cause: unknown): unknown {
  if (isUploadError(cause)) return cause;
  return new SourceError('source-unreadable', 'A part could not be transformed: transform failed.', { cause });
}

function requireSize(body: Uint8Array, expected: number, partNumber: number): Uint8Array {
  if (isBytes(body) && body.length === expected) return body;
  throw new InvalidOptionsError(
    'transform',
    `transform must return ${expected} bytes (Uint8Array) for part ${partNumber}: those that it got and overheadBytes more.`,
  );
}
