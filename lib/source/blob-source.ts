import { from, map } from 'rxjs';
import type { UploadSource } from './upload-source.js';

/** A Blob or File as a source: slices are handles, no byte passes through JavaScript but what `read` asks for. */
export function blobSource(blob: Blob): UploadSource {
  const file = blob as Partial<File>;
  return {
    name: typeof file.name === 'string' ? file.name : null,
    size: blob.size,
    lastModified: typeof file.lastModified === 'number' ? file.lastModified : null,
    type: blob.type,
    // An empty type, or browsers send it as a Content-Type that nobody signed.
    slice: (start, end) => blob.slice(start, end, ''),
    read: (start, end) =>
      from(blob.slice(start, end).arrayBuffer()).pipe(map((buffer: ArrayBuffer) => new Uint8Array(buffer))),
  };
}
