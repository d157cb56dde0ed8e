import type { Checksum } from '../../model/checksum.js';
import type { TransportResponse } from '../../ports/transport/transport.js';
import { checksumsOf } from '../request/checksum.js';
import type { Dialect } from '../dialect.js';
import { bareEtag, hasOpaqueEtag } from '../response/etag.js';
import { customerKeyHeaders } from '../request/object-headers.js';
import type { Operation } from '../operation.js';
import { headerOf, isMarked, requestIdOf, versionIdOf } from '../response/response-headers.js';

/** Arguments of `headObject$`. */
export interface HeadObjectArgs {
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** The 32 bytes of an SSE-C key; needed if the object is encrypted with one. */
  readonly sseCustomerKey?: Uint8Array | null;
  /** Asks for the object's checksums: OBS shows them anyway, S3 only then. */
  readonly withChecksums?: boolean | undefined;
}

/** What is known about an object. */
export interface HeadObjectResult {
  /** Without quotes; empty if hidden. */
  readonly etag: string;
  /** bytes; null if hidden */
  readonly size: number | null;
  /** The multipart upload that created the object (OBS has it, S3 does not). */
  readonly uploadId: string | null;
  /** The object is encrypted by a key of SSE-KMS or SSE-C, as far as visible: its ETag is not an MD5. */
  readonly hasOpaqueEtag: boolean;
  /** Those that the service shows. */
  readonly checksums: readonly Checksum[];
  /** epoch milliseconds by the service's clock; null if hidden */
  readonly lastModified: number | null;
  /** Of the object in a bucket with versioning; null without. */
  readonly versionId: string | null;
  /** The service's id of the request, for its support; null if a page may not read it. */
  readonly requestId: string | null;
  /**
   * Whether the response is certainly the service's, by an ETag or a request id. A captive portal responds to HEAD with
   * 200 too; a CORS rule may hide both headers, and then `uploadId` is the only evidence.
   */
  readonly isMarked: boolean;
}

/** `HEAD /{key}` */
export function headObject(args: HeadObjectArgs, dialect: Dialect): Operation<HeadObjectResult> {
  return {
    request: {
      operation: 'headObject',
      method: 'HEAD',
      bucket: args.bucket,
      key: args.key,
      query: [],
      headers: {
        ...customerKeyHeaders(args.sseCustomerKey ?? null, dialect),
        ...(args.withChecksums === true && dialect.declaresChecksums ? { 'x-amz-checksum-mode': 'ENABLED' } : {}),
      },
      body: null,
      uploadId: null,
      partNumber: null,
    },
    read: readHeadObject,
  };
}

function readHeadObject(response: TransportResponse): HeadObjectResult {
  const length = headerOf(response, 'content-length');
  return {
    etag: bareEtag(headerOf(response, 'etag')),
    size: length !== null && /^[0-9]{1,15}$/.test(length) ? Number(length) : null,
    uploadId: headerOf(response, 'x-obs-uploadid'),
    hasOpaqueEtag: hasOpaqueEtag(response),
    checksums: checksumsOf(response),
    lastModified: dateOf(headerOf(response, 'last-modified')),
    versionId: versionIdOf(response),
    requestId: requestIdOf(response),
    isMarked: isMarked(response),
  };
}

function dateOf(text: string | null): number | null {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : time;
}
