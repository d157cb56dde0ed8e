import type { TransportResponse } from '../../ports/transport/transport.js';
import type { Dialect } from '../dialect.js';
import type { QueryParameter } from '../obs-request.js';
import type { Operation } from '../operation.js';
import { endlessPage, readXmlResponse, unexpectedResponse, type ResponseContext } from '../response/response.js';
import { childrenOf, isTrue, textOf, type XmlNode } from '../xml.js';

/** Arguments of `listMultipartUploads$`. */
export interface ListMultipartUploadsArgs {
  /** The bucket's name. */
  readonly bucket: string;
  /** Only keys that begin with it. @defaultValue all */
  readonly prefix?: string | undefined;
  /** The end of a page: the next one begins after this upload. */
  readonly marker?: UploadMarker | null | undefined;
}

/** Where a page of a list begins. */
export interface UploadMarker {
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** The multipart upload's id, as `initiate` returned it. */
  readonly uploadId: string;
}

/** A page of unfinished uploads. */
export interface ListMultipartUploadsResult {
  /** At most 1,000, by key. */
  readonly uploads: readonly UnfinishedUpload[];
  /** The next page's `marker`; null on the last page. */
  readonly nextMarker: UploadMarker | null;
}

/** An upload that was initiated and neither completed nor aborted: its parts cost storage. */
export interface UnfinishedUpload {
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** The multipart upload's id, as `initiate` returned it. */
  readonly uploadId: string;
  /** ISO 8601 */
  readonly initiated: string | null;
  /** null if the response has none. */
  readonly storageClass: string | null;
}

/** `GET /?uploads&prefix=P&max-uploads=1000&key-marker=K&upload-id-marker=U` */
export function listMultipartUploads(
  args: ListMultipartUploadsArgs,
  dialect: Dialect,
): Operation<ListMultipartUploadsResult> {
  const query: QueryParameter[] = [
    ['uploads', null],
    ['max-uploads', '1000'],
  ];
  if (dialect.encodesListedKeys) query.push(['encoding-type', 'url']);
  if (args.prefix) query.push(['prefix', args.prefix]);
  if (args.marker) query.push(['key-marker', args.marker.key], ['upload-id-marker', args.marker.uploadId]);
  return {
    request: {
      operation: 'listMultipartUploads',
      method: 'GET',
      bucket: args.bucket,
      key: null,
      query,
      headers: {},
      body: null,
      uploadId: null,
      partNumber: null,
    },
    read: (response, context) =>
      readUploadsPage(readXmlResponse(response, 'ListMultipartUploadsResult', context), response, context),
  };
}

/** @throws ServiceError */
export function readUploadsPage(
  node: XmlNode,
  response: TransportResponse,
  context: ResponseContext,
): ListMultipartUploadsResult {
  const decode = textOf(node, 'EncodingType') === 'url' ? decodeKey : (text: string): string => text;
  const uploads = childrenOf(node, 'Upload').map((upload) => readUpload(upload, decode));
  if (uploads.some((upload) => upload === null)) throw unexpectedResponse(response, context);
  const listed = uploads.filter((upload) => upload !== null);
  if (!isTrue(node, 'IsTruncated')) return { uploads: listed, nextMarker: null };
  const nextMarker = markerOf(node, decode) ?? listed.at(-1);
  if (nextMarker === undefined) throw endlessPage(response, context);
  return { uploads: listed, nextMarker: { key: nextMarker.key, uploadId: nextMarker.uploadId } };
}

/** Null if there is no usable marker: then the last upload is used. That of a page that ends with a folder needs no id. */
function markerOf(page: XmlNode, decode: (text: string) => string): UploadMarker | null {
  const key = textOf(page, 'NextKeyMarker');
  const uploadId = textOf(page, 'NextUploadIdMarker');
  return key && (uploadId || Object.hasOwn(page, 'CommonPrefixes'))
    ? { key: decode(key), uploadId: uploadId ?? '' }
    : null;
}

function readUpload(node: XmlNode, decode: (text: string) => string): UnfinishedUpload | null {
  const key = textOf(node, 'Key');
  const uploadId = textOf(node, 'UploadId');
  if (!key || !uploadId) return null;
  return {
    key: decode(key),
    uploadId,
    initiated: textOf(node, 'Initiated'),
    storageClass: textOf(node, 'StorageClass'),
  };
}

/** `encoding-type=url` writes a space as `+` (S3) or `%20` (OBS). */
function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, '%20'));
  } catch {
    return text;
  }
}
