import { Refusal } from '../response/refusal.js';
import { headerOf, type RequestHead } from './request.js';

/**
 * A body in chunks with headers after it, as the AWS SDKs send streams (AWS: "Calculating the signature ... with trailing
 * headers"). Chunks that are signed one by one are not supported.
 */
const UNSIGNED_WITH_TRAILER = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

/** @throws {@link Refusal} NotImplemented for other kinds of chunks */
export function isChunked(request: RequestHead): boolean {
  const payload = headerOf(request, 'x-amz-content-sha256');
  if (payload?.startsWith('STREAMING-') !== true) return false;
  if (payload === UNSIGNED_WITH_TRAILER) return true;
  throw new Refusal('NotImplemented', `${payload} is not supported.`);
}

/** Bytes of the body without its chunks, as far as the head says. */
export function announcedSize(request: RequestHead): number {
  const isInChunks = headerOf(request, 'x-amz-content-sha256')?.startsWith('STREAMING-') === true;
  const decoded = isInChunks ? headerOf(request, 'x-amz-decoded-content-length') : null;
  const size = Number(decoded ?? headerOf(request, 'content-length') ?? 0);
  return Number.isSafeInteger(size) ? size : 0;
}

/** The request as if its body were sent without chunks. */
export function withoutChunks<T extends RequestHead>(request: T): T {
  if (!isChunked(request)) return request;
  const { 'content-encoding': encoding = '', ...headers } = request.headers;
  const others = encoding
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'aws-chunked');
  return {
    ...request,
    headers: {
      ...headers,
      ...(others.length > 0 ? { 'content-encoding': others.join(', ') } : {}),
      'content-length': headerOf(request, 'x-amz-decoded-content-length') ?? '',
    },
  };
}

/**
 * The request as if what came after its body were headers.
 * @param trailers - null: the body was cut off, or was not in chunks
 * @throws {@link Refusal} IncompleteBody, or MalformedTrailerError where an announced one is missing
 */
export function withTrailers<T extends RequestHead>(request: T, trailers: Readonly<Record<string, string>> | null): T {
  if (!isChunked(request)) return request;
  if (trailers === null) throw new Refusal('IncompleteBody');
  const { 'x-amz-trailer': announced, ...headers } = request.headers;
  if (announced === undefined) return request;
  const value = trailers[announced.toLowerCase()];
  if (value === undefined) throw new Refusal('MalformedTrailerError', `The trailer ${announced} is missing.`);
  return { ...request, headers: { ...headers, [announced.toLowerCase()]: value } };
}

/** Takes chunks apart, in pieces of any size. */
export interface ChunkReader {
  /** The content that is in the next bytes. */
  update(bytes: Uint8Array): readonly Uint8Array[];
  /** What followed the last chunk, by names in lower case; null where the end is missing or anything is malformed. */
  trailers(): Readonly<Record<string, string>> | null;
}

const LF = 10;
/** No line of chunks is longer. */
const MAX_LINE = 1024;

export function createChunkReader(): ChunkReader {
  let state: 'size' | 'content' | 'after-content' | 'trailer' | 'end' | 'malformed' = 'size';
  let left = 0;
  let line = '';
  const trailers: Record<string, string> = {};

  const endOfLine = (text: string): void => {
    if (state === 'size') {
      left = /^[0-9a-f]{1,12}$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN;
      state = Number.isNaN(left) ? 'malformed' : left === 0 ? 'trailer' : 'content';
    } else if (state === 'after-content') {
      state = text === '' ? 'size' : 'malformed';
    } else if (text === '') {
      state = 'end';
    } else {
      const [, name, value] = /^([\w-]+):(.*)$/.exec(text) ?? [];
      if (name === undefined || value === undefined) state = 'malformed';
      else trailers[name.toLowerCase()] = value.trim();
    }
  };

  return {
    update(bytes) {
      const content: Uint8Array[] = [];
      let i = 0;
      while (i < bytes.length && state !== 'end' && state !== 'malformed') {
        if (state === 'content') {
          const piece = bytes.subarray(i, i + left);
          content.push(piece);
          i += piece.length;
          left -= piece.length;
          if (left === 0) state = 'after-content';
          continue;
        }
        const byte = bytes[i++] ?? LF;
        if (byte !== LF) line += String.fromCharCode(byte);
        if (line.length > MAX_LINE) state = 'malformed';
        if (byte === LF) {
          const text = line.replace(/\r$/, '');
          line = '';
          endOfLine(text);
        }
      }
      return content;
    },
    trailers: () => (state === 'end' ? trailers : null),
  };
}
