import { defer, firstValueFrom, from, map, Observable, throwError } from 'rxjs';
import type { InvalidOptionsError } from '../model/errors/errors.js';
import { isBlob } from '../model/kinds.js';
import { isVirtualTime } from '../time.js';
import { notInVirtualTime } from './from-port.js';
import type { StreamedBody } from './transport/transport.js';

/** Whether the bytes of a Blob can be read at all. */
export function isReadable(blob: Blob): boolean {
  return hasMethod(blob, 'arrayBuffer') || typeof FileReader !== 'undefined';
}

/** All bytes of a Blob. Fails with an `InvalidOptionsError` in virtual time, where they would never arrive. */
export function readBlob$(blob: Blob): Observable<Uint8Array> {
  return defer(() => (isVirtualTime() ? throwError(virtual) : readBlobLater$(blob)));
}

/** All bytes of a Blob, in real time. */
export function readBlobLater$(blob: Blob): Observable<Uint8Array> {
  return defer(() => (hasMethod(blob, 'arrayBuffer') ? from(blob.arrayBuffer()) : readByFileReader$(blob))).pipe(
    map((buffer) => new Uint8Array(buffer)),
  );
}

function readByFileReader$(blob: Blob): Observable<ArrayBuffer> {
  return new Observable((subscriber) => {
    const reader = new FileReader();
    reader.onload = () => {
      subscriber.next(reader.result as ArrayBuffer);
      subscriber.complete();
    };
    reader.onerror = () => subscriber.error(reader.error);
    reader.readAsArrayBuffer(blob);
    return () => {
      reader.onload = reader.onerror = null;
      if (reader.readyState === reader.LOADING) reader.abort();
    };
  });
}

const PIECE_BYTES = 256 * 1024;

/** A Blob as a stream, even if it has no `stream` method. */
export function streamOf(body: Blob | StreamedBody): ReadableStream<Uint8Array> {
  if (hasMethod(body, 'stream') || !isBlob(body)) return body.stream();
  let start = 0;
  return new ReadableStream({
    async pull(controller) {
      if (start >= body.size) return controller.close();
      const end = Math.min(body.size, start + PIECE_BYTES);
      const bytes = await firstValueFrom(readBlob$(body.slice(start, end)));
      start = end;
      return controller.enqueue(bytes);
    },
  });
}

function hasMethod(value: object, name: string): boolean {
  return typeof (value as Readonly<Record<string, unknown>>)[name] === 'function';
}

function virtual(): InvalidOptionsError {
  return notInVirtualTime('sourceFile', 'Use fakeSource() of rx-obs-upload/testing as sourceFile');
}
