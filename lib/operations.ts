import { defer, type Observable } from 'rxjs';
import { sharedOf, type ObsConnection } from './connection/obs-connection.js';
import { resultOf } from './engine/call/call.js';
import { abortMultipartUpload, type AbortMultipartUploadArgs } from './protocol/operations/abort-multipart-upload.js';
import {
  completeMultipartUpload,
  type CompleteMultipartUploadArgs,
  type CompleteMultipartUploadResult,
} from './protocol/operations/complete-multipart-upload.js';
import type { ObjectOptions } from './model/object-options.js';
import { requireSupported, requireTrafficLimits, type Dialect } from './protocol/dialect.js';
import { headObject, type HeadObjectArgs, type HeadObjectResult } from './protocol/operations/head-object.js';
import {
  initiateMultipartUpload,
  type InitiateMultipartUploadArgs,
  type InitiateMultipartUploadResult,
} from './protocol/operations/initiate-multipart-upload.js';
import {
  listMultipartUploads,
  type ListMultipartUploadsArgs,
  type ListMultipartUploadsResult,
} from './protocol/operations/list-multipart-uploads.js';
import { listParts, type ListPartsArgs, type ListPartsResult } from './protocol/operations/list-parts.js';
import type { Operation } from './protocol/operation.js';
import { putObject, type PutObjectArgs, type PutObjectResult } from './protocol/operations/put-object.js';
import { uploadPart, type UploadPartArgs, type UploadPartResult } from './protocol/operations/upload-part.js';
import { requireText, type Untrusted } from './validation/check.js';
import { readHeaders } from './validation/extra-headers.js';
import { readObjectOptions } from './validation/object-options.js';
import { requireBucket, requireKey } from './validation/target.js';

/**
 * Begins a multipart upload and emits its upload id (OBS: "Initiating a Multipart Upload").
 *
 * @example
 * ```ts
 * initiateMultipartUpload$(obs, { bucket, key }).subscribe(({ uploadId }) => console.log(uploadId));
 * ```
 */
export function initiateMultipartUpload$(
  connection: ObsConnection,
  args: InitiateMultipartUploadArgs,
): Observable<InitiateMultipartUploadResult> {
  return perform$(connection, initiateMultipartUpload, args);
}

/**
 * Sends one part and emits its ETag (OBS: "Uploading Parts").
 *
 * @example
 * ```ts
 * const body = file.slice(0, 5_242_880);
 * uploadPart$(obs, { bucket, key, uploadId, partNumber: 1, body }).subscribe(({ etag }) => console.log(etag));
 * ```
 */
export function uploadPart$(connection: ObsConnection, args: UploadPartArgs): Observable<UploadPartResult> {
  return perform$(connection, uploadPart, args);
}

/**
 * Emits one page of the parts that the server has of an upload (OBS: "Listing Uploaded Parts").
 *
 * @example
 * ```ts
 * listParts$(obs, { bucket, key, uploadId }).subscribe(({ parts }) => console.log(parts.length));
 * ```
 */
export function listParts$(connection: ObsConnection, args: ListPartsArgs): Observable<ListPartsResult> {
  return perform$(connection, listParts, args);
}

/**
 * Creates the object from its parts (OBS: "Combining Parts"). It may have succeeded despite an error: `uploadFile$`
 * checks, this call does not.
 *
 * @example
 * ```ts
 * completeMultipartUpload$(obs, { bucket, key, uploadId, parts }).subscribe(({ etag }) => console.log(etag));
 * ```
 */
export function completeMultipartUpload$(
  connection: ObsConnection,
  args: CompleteMultipartUploadArgs,
): Observable<CompleteMultipartUploadResult> {
  return perform$(connection, completeMultipartUpload, args);
}

/**
 * Deletes an upload and its parts, once (OBS: "Canceling a Multipart Upload"); a part in flight may still arrive.
 * @see {@link abortUpload$} which checks that no parts remain
 *
 * @example
 * ```ts
 * abortMultipartUpload$(obs, { bucket, key, uploadId }).subscribe();
 * ```
 */
export function abortMultipartUpload$(connection: ObsConnection, args: AbortMultipartUploadArgs): Observable<void> {
  return perform$(connection, abortMultipartUpload, args);
}

/**
 * Emits one page of the bucket's unfinished uploads (OBS: "Listing Initiated Multipart Uploads in a Bucket").
 *
 * @example
 * ```ts
 * listMultipartUploads$(obs, { bucket, prefix: 'videos/' }).subscribe(({ uploads }) => console.log(uploads.length));
 * ```
 */
export function listMultipartUploads$(
  connection: ObsConnection,
  args: ListMultipartUploadsArgs,
): Observable<ListMultipartUploadsResult> {
  return perform$(connection, listMultipartUploads, args);
}

/**
 * Sends an object of at most 5 GiB in one request (OBS: "Uploading an Object - PUT").
 *
 * @example
 * ```ts
 * putObject$(obs, { bucket, key, body: file }).subscribe(({ etag }) => console.log(etag));
 * ```
 */
export function putObject$(connection: ObsConnection, args: PutObjectArgs): Observable<PutObjectResult> {
  return perform$(connection, putObject, args);
}

/**
 * Emits an object's metadata (OBS: "Querying Object Metadata").
 *
 * @example
 * ```ts
 * headObject$(obs, { bucket, key }).subscribe(({ size }) => console.log(size));
 * ```
 */
export function headObject$(connection: ObsConnection, args: HeadObjectArgs): Observable<HeadObjectResult> {
  return perform$(connection, headObject, args);
}

/** The arguments that are checked here. */
interface CheckedArgs {
  readonly bucket: string;
  readonly object?: ObjectOptions | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly trafficLimit?: number | null | undefined;
}

function perform$<A extends CheckedArgs, R>(
  connection: ObsConnection,
  operationOf: (args: A, dialect: Dialect) => Operation<R>,
  args: A,
): Observable<R> {
  return defer(() => {
    const { endpoint, signer } = sharedOf(connection);
    requireBucket(args.bucket, endpoint);
    const { dialect } = signer;
    const object = args.object && readObjectOptions(args.object as Untrusted);
    const headers = args.headers && readHeaders('headers', args.headers);
    if (object !== undefined) requireSupported(object, dialect);
    if (typeof args.trafficLimit === 'number') requireTrafficLimits(dialect);
    const checked = { ...args, ...(object && { object }), ...(headers && { headers }) };
    const operation = operationOf(checked, dialect);
    const { key, query } = operation.request;
    if (key !== null) requireKey(key);
    // Ceph takes `DELETE /{key}?uploadId=` for the deletion of the object.
    for (const [name, value] of query) if (name === 'uploadId') requireText(name, value);
    return resultOf(connection, operation);
  });
}
