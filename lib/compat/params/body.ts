import { isBytes } from '../../model/kinds.js';
import { InvalidOptionsError } from '../../model/errors/errors.js';
import { fromBase64, utf8 } from '../../bytes.js';
import type { RequestBody } from '../../ports/transport/transport.js';
import { toUploadSource } from '../../ports/source/to-upload-source.js';
import type { BodyParams } from '../model/multipart.js';

/** The bytes that a request sends, and their type. */
export interface ReadBody {
  readonly body: RequestBody;
  /** MIME type; empty where unknown */
  readonly type: string;
  readonly name: string | null;
}

/**
 * @param length - bytes of `SourceFile` from `Offset` on; values outside the file are corrected as in the official SDK
 * @throws InvalidOptionsError
 */
export function bodyOf({ SourceFile, Body, Offset }: BodyParams, length: number | string | undefined): ReadBody {
  if (SourceFile !== undefined && Body !== undefined) {
    throw new InvalidOptionsError('Body', 'Body and SourceFile were both given: leave one out.');
  }
  if (isBytes(Body)) return { body: Body, type: '', name: null };
  if (Body === undefined && SourceFile === undefined) return { body: new Uint8Array(), type: '', name: null };
  if (typeof Body === 'string') return { body: utf8(Body), type: '', name: null };
  const source = toUploadSource(SourceFile ?? Body);
  if ('grown$' in source || 'transform' in source)
    throw new InvalidOptionsError('SourceFile', 'Streams and transformed parts are uploaded by uploadFile alone.');
  const start = inside(Offset, 0, source.size - 1, 0);
  const rest = source.size - start;
  const body = source.slice(start, start + inside(length, 1, rest, rest));
  return { body, type: source.type, name: source.name };
}

/** The 16 bytes of `ContentMD5`. */
export function contentMd5Of({ ContentMD5 }: BodyParams): Uint8Array | null {
  if (!ContentMD5) return null;
  try {
    const bytes = fromBase64(ContentMD5);
    if (bytes.length === 16) return bytes;
  } catch {
    // Falls through to the refusal.
  }
  throw new InvalidOptionsError(
    'ContentMD5',
    'ContentMD5 must be the Base64 of the 16 bytes of the MD5, not of its hex text.',
  );
}

function inside(value: unknown, min: number, max: number, otherwise: number): number {
  const number = value === undefined ? Number.NaN : Number(value);
  return Number.isInteger(number) && number >= min && number <= max ? number : otherwise;
}
