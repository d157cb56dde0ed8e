import { map, type Observable } from 'rxjs';
import { InvalidOptionsError } from '../../model/errors/errors.js';
import { isBlob, isBytes } from '../../model/kinds.js';
import { fromPort } from '../../ports/from-port.js';
import { blobSource } from '../../ports/source/blob-source.js';
import { toUploadSource } from '../../ports/source/to-upload-source.js';
import type { StreamedSource } from '../../ports/source/streamed-source.js';
import { transformParts } from '../../ports/source/transform-parts.js';
import type { SizedSource, UploadSource } from '../../ports/source/upload-source.js';
import type { Callable } from './portable-options.js';
import { remoteStream, type RemoteStream } from './remote-stream.js';
import { serveStream } from './serve-stream.js';

/** A source as structured clone can carry it. Blobs are cloned by reference. */
export type PortableSource =
  | { readonly kind: 'blob'; readonly blob: Blob; readonly described: Described }
  | { readonly kind: 'stream'; readonly stream: RemoteStream }
  | { readonly kind: 'transformed'; readonly source: PortableSource; readonly overheadBytes: number };

type Described = Pick<SizedSource, 'name' | 'type' | 'lastModified'>;

/** A source without what stays in the page. */
export interface SplitSource {
  readonly plain: Blob | PortableSource;
  /** What is called from the worker, by name. */
  readonly functions: readonly (readonly [name: string, call: Callable])[];
  /** The upload has ended: a stream may be used by another one. */
  readonly release: () => void;
}

const TRANSFORM = 'source.transform';

/**
 * @param intervalMs - how often the worker is notified of the growth of a stream, at most
 * @throws InvalidOptionsError
 */
export function splitSource(sourceFile: unknown, intervalMs: number): SplitSource {
  return isBlob(sourceFile)
    ? { plain: sourceFile, functions: [], release: () => undefined }
    : split(toUploadSource(sourceFile), intervalMs);
}

function split(source: UploadSource, intervalMs: number): SplitSource & { readonly plain: PortableSource } {
  if ('transform' in source) {
    const { overheadBytes, transform } = source;
    const inner = split(source.source, intervalMs);
    const transformExactly: Callable = (bytes: Uint8Array, partNumber: number) =>
      fromPort(transform(bytes, partNumber), 'transform').pipe(map(exact));
    return {
      ...inner,
      plain: { kind: 'transformed', source: inner.plain, overheadBytes },
      functions: [...inner.functions, [TRANSFORM, transformExactly]],
    };
  }
  if ('grown$' in source) {
    const { stream, functions, release } = serveStream(source as StreamedSource, intervalMs);
    return { plain: { kind: 'stream', stream }, functions, release };
  }
  const { name, type, lastModified, whole } = source;
  if (!isBlob(whole)) throw notPortable();
  const described = { name, type, lastModified };
  return { plain: { kind: 'blob', blob: whole, described }, functions: [], release: () => undefined };
}

/**
 * The source as it was before `splitSource`.
 * @param call$ - calls one of its functions in the page
 */
export function joinSource(
  portable: Blob | PortableSource,
  call$: (name: string, ...args: readonly unknown[]) => Observable<unknown>,
): Blob | UploadSource {
  if (isBlob(portable)) return portable;
  switch (portable.kind) {
    case 'blob':
      return { ...blobSource(portable.blob), ...portable.described };
    case 'stream':
      return remoteStream(portable.stream, call$);
    case 'transformed':
      return transformParts(joinSource(portable.source, call$), {
        overheadBytes: portable.overheadBytes,
        transform: (bytes, partNumber) => call$(TRANSFORM, exact(bytes), partNumber) as Observable<Uint8Array>,
      });
  }
}

/** Structured clone copies the entire buffer of a view, which `slice` of a Node Buffer is too. */
function exact<T>(bytes: T): T | Uint8Array {
  return isBytes(bytes) && bytes.byteLength < bytes.buffer.byteLength ? new Uint8Array(bytes) : bytes;
}

function notPortable(): InvalidOptionsError {
  return new InvalidOptionsError(
    'sourceFile',
    'sourceFile must be a File, a Blob, a stream (streamSource), or one of them with transformParts, where uploads run in ' +
      'a worker: other sources need a connection of createObsConnection.',
  );
}
