import type { UploadedPart } from '../model/checkpoint.js';
import type { TransportResponse } from '../ports/transport/transport.js';
import { bareEtag } from './etag.js';
import type { ObsRequest } from './obs-request.js';
import { readXmlAnswer, unexpectedAnswer, type ResponseContext } from './response.js';
import { childrenOf, textOf, type XmlNode } from './xml.js';

export interface ListPartsArgs {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  /** Parts after this number; 0 for the first page. */
  readonly partNumberMarker?: number;
}

export interface ListPartsResult {
  /** At most 1,000, ascending. */
  readonly parts: readonly UploadedPart[];
  /** The next page's `partNumberMarker`; null on the last page. */
  readonly nextPartNumberMarker: number | null;
}

/** `GET /{key}?uploadId=U&max-parts=1000&part-number-marker=M` */
export function buildListParts(args: ListPartsArgs): ObsRequest {
  return {
    operation: 'listParts',
    method: 'GET',
    bucket: args.bucket,
    key: args.key,
    query: [
      ['uploadId', args.uploadId],
      ['max-parts', '1000'],
      ['part-number-marker', String(args.partNumberMarker ?? 0)],
    ],
    headers: {},
    body: null,
    uploadId: args.uploadId,
    partNumber: null,
  };
}

export function readListParts(response: TransportResponse, context: ResponseContext): ListPartsResult {
  const node = readXmlAnswer(response, 'ListPartsResult', context);
  const parts = childrenOf(node, 'Part').map(readPart);
  if (parts.some((part) => part === null)) throw unexpectedAnswer(response, context);
  const isTruncated = textOf(node, 'IsTruncated')?.trim() === 'true';
  const next = Number(textOf(node, 'NextPartNumberMarker') ?? Number.NaN);
  if (isTruncated && !Number.isInteger(next)) throw unexpectedAnswer(response, context);
  return { parts: parts.filter((part) => part !== null), nextPartNumberMarker: isTruncated ? next : null };
}

function readPart(node: XmlNode): UploadedPart | null {
  const partNumber = Number(textOf(node, 'PartNumber') ?? Number.NaN);
  const size = Number(textOf(node, 'Size') ?? Number.NaN);
  if (!Number.isSafeInteger(partNumber) || !Number.isSafeInteger(size)) return null;
  return { partNumber, size, etag: bareEtag(textOf(node, 'ETag')) };
}
