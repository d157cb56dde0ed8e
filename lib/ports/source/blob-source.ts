import { readBlob$ } from '../read-blob.js';
import type { SizedSource } from './upload-source.js';

/** A Blob or File as a source: slices are handles, only `read` loads bytes into JavaScript. */
export function blobSource(blob: Blob): SizedSource {
  const file = blob as Partial<File>;
  const name = typeof file.name === 'string' ? file.name : null;
  const { size, type } = blob;
  return {
    name,
    size,
    lastModified: typeof file.lastModified === 'number' ? file.lastModified : null,
    type,
    // Without a type: browsers would send it as a Content-Type that was not signed.
    slice: (start, end) => blob.slice(start, end, ''),
    // Chromium reads a file directly, but a slice of it through its blob store.
    whole: blob,
    read(start, end) {
      // A Blob in memory cannot be deleted, so there is nothing to check.
      if (size === 0 && name === null) return [new Uint8Array()];
      // Browsers read slices of a deleted file as empty, without an error: only reading the file itself fails.
      return readBlob$(start === 0 && end === size ? blob : blob.slice(start, end));
    },
  };
}
