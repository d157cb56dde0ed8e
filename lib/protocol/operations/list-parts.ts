import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import { MAX_PART_COUNT, MAX_PART_SIZE } from '../../model/checkpoint/parts.js';
import type { TransportResponse } from '../../ports/transport/transport.js';
import { checksumsIn } from '../request/checksum.js';
import { bareEtag } from '../response/etag.js';
import type { Operation } from '../operation.js';
import { endlessPage, readXmlResponse, unexpectedResponse, type ResponseContext } from '../response/response.js';
import { childrenOf, integerOf, isTrue, textOf, type XmlNode } from '../xml.js';

/** Arguments of `listParts$`. */
export interface ListPartsArgs {
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** The multipart upload's id, as `initiate` returned it. */
  readonly uploadId: string;
  /** Parts after this number; 0 for the first page. */
  readonly partNumberMarker?: number | undefined;
}

/** A page of parts. */
export interface ListPartsResult {
  /** At most 1,000, ascending. */
  readonly parts: readonly UploadedPart[];
  /** The next page's `partNumberMarker`; null on the last page. */
  readonly nextPartNumberMarker: number | null;
}

/** `GET /{key}?uploadId=U&max-parts=1000&part-number-marker=M` */
export function listParts(args: ListPartsArgs): Operation<ListPartsResult> {
  return {
    request: {
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
    },
    read: (response, context) =>
      readPartsPage(readXmlResponse(response, 'ListPartsResult', context), response, context),
  };
}

/** @throws ServiceError */
export function readPartsPage(node: XmlNode, response: TransportResponse, context: ResponseContext): ListPartsResult {
  const parts = childrenOf(node, 'Part').map(readPart);
  if (parts.some((part) => part === null)) throw unexpectedResponse(response, context);
  const listed = parts.filter((part) => part !== null);
  if (!isTrue(node, 'IsTruncated')) return { parts: listed, nextPartNumberMarker: null };
  const next = markerAfter(node, listed);
  if (next === 0) throw endlessPage(response, context);
  return { parts: listed, nextPartNumberMarker: next };
}

/** Some stores return no usable marker, or one that goes back: then the last part of the page is used. */
function markerAfter(page: XmlNode, parts: readonly UploadedPart[]): number {
  const marker = integerOf(page, 'NextPartNumberMarker', 0, MAX_PART_COUNT) ?? 0;
  return parts.reduce((last, { partNumber }) => Math.max(last, partNumber), marker);
}

function readPart(node: XmlNode): UploadedPart | null {
  const partNumber = integerOf(node, 'PartNumber', 1, MAX_PART_COUNT);
  const size = integerOf(node, 'Size', 0, MAX_PART_SIZE);
  const [checksum] = checksumsIn(node);
  if (partNumber === null || size === null) return null;
  return { partNumber, size, etag: bareEtag(textOf(node, 'ETag')), ...(checksum && { checksum }) };
}
