import { readBlob$ } from '../read-blob.js';
import type { UploadSource } from './upload-source.js';

/** A Blob or File as a source: slices are handles, no byte passes through JavaScript but what `read` asks for. */
export function blobSource(blob: Blob): UploadSource {
  const file = blob as Partial<File>;
  const name = typeof file.name === 'string' ? file.name : null;
  const { size, type } = blob;
  return {
    name,
    size,
    lastModified: typeof file.lastModified === 'number' ? file.lastModified : null,
    type,
    // An empty type, or browsers send it as a Content-Type that nobody signed.
    slice: (start, end) => blob.slice(start, end, ''),
    // Chromium sends a file by its path, and a slice of it by way of its blob store.
    whole: blob,
    read(start, end) {
      // Of a Blob in memory, which no one can delete, there is nothing to wait for.
      if (size === 0 && name === null) return [new Uint8Array()];
      // To browsers a deleted file is an empty one, and no slice of it fails to be read: only the file itself does.
      return readBlob$(start === 0 && end === size ? blob : blob.slice(start, end));
    },
  };
}
