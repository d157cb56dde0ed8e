import { isBlob } from '../../model/kinds.js';
import { InvalidOptionsError } from '../../model/errors/errors.js';
import { isReadable } from '../read-blob.js';
import { blobSource } from './blob-source.js';
import type { SizedSource, UploadSource } from './upload-source.js';
import { isHeaderText } from '../../validation/check.js';
import { MAX_TEXT } from '../../validation/checkpoint.js';

/**
 * A source as the library uses it. Its name, type and date become part of a checkpoint, so values that would make a
 * checkpoint invalid are dropped or shortened here.
 * @throws InvalidOptionsError if it is not a File, a Blob or an `UploadSource`
 */
export function toUploadSource(sourceFile: unknown): UploadSource {
  if (isSource(sourceFile)) {
    // These two are of this library's making.
    return 'grown$' in sourceFile || 'transform' in sourceFile ? sourceFile : describable(sourceFile);
  }
  if (!isBlob(sourceFile)) {
    throw new InvalidOptionsError('sourceFile', 'sourceFile must be a File, a Blob or an UploadSource.');
  }
  if (isReadable(sourceFile)) return describable(blobSource(sourceFile));
  throw new InvalidOptionsError(
    'sourceFile',
    'sourceFile is a File or Blob that cannot be read here: it has no arrayBuffer(), and there is no FileReader. ' +
      'Use a newer jsdom (or Node environment), or pass an UploadSource.',
  );
}

function isSource(value: unknown): value is UploadSource {
  if (typeof value !== 'object' || value === null || !('size' in value)) return false;
  return 'checked' in value || ('slice' in value && 'read' in value);
}

function describable(source: SizedSource): SizedSource {
  const { lastModified } = source;
  const { name, type } = describe(source.name, source.type);
  if (name === source.name && type === source.type && lastModified === dateOf(lastModified)) return source;
  return {
    name,
    type,
    // Read again before each part: a source may notice that its file has changed.
    get size() {
      return source.size;
    },
    get lastModified() {
      return dateOf(source.lastModified);
    },
    slice: (start, end) => source.slice(start, end),
    read: (start, end) => source.read(start, end),
    ...(source.whole && { whole: source.whole }),
  };
}

function dateOf(time: unknown): number | null {
  return typeof time === 'number' && Number.isFinite(time) ? time : null;
}

/** Longer than any registered type (RFC 6838, 4.2), with room for parameters. */
const MAX_TYPE = 1024;

/**
 * Name and type of a source as the library uses them. They become part of a checkpoint, so values that would make a
 * checkpoint invalid are dropped or shortened here.
 */
export function describe(name: unknown, type: unknown): { readonly name: string | null; readonly type: string } {
  return { name: nameOf(name), type: typeOf(type) };
}

/** On the wire a header has no blanks around its value. */
function typeOf(type: unknown): string {
  return isHeaderText(type) && type.length <= MAX_TYPE ? type.trim() : '';
}

function nameOf(name: unknown): string | null {
  return typeof name === 'string' ? name.slice(0, MAX_TEXT).replace(/\p{Surrogate}/gu, '\ufffd') : null;
}
