import type { Observable } from 'rxjs';
import {
  abortMultipartUpload$,
  completeMultipartUpload$,
  initiateMultipartUpload$,
  uploadPart$,
} from './calls/multipart.js';
import { getObjectMetadata$, putObject$, signedUrlOf } from './calls/objects.js';
import { listMultipartUploads$, listParts$ } from './calls/lists.js';
import { requireCredentials } from './client/require-credentials.js';
import { openClient, type OpenClient } from './client/open-client.js';
import { obsEnums, type ObsClientOptions, type ObsEnums } from './model/client.js';
import type {
  AbortMultipartUploadParams,
  CompleteMultipartUploadOutput,
  CompleteMultipartUploadParams,
  InitiateMultipartUploadOutput,
  InitiateMultipartUploadParams,
  ListMultipartUploadsOutput,
  ListMultipartUploadsParams,
  ListPartsOutput,
  ListPartsParams,
  UploadPartOutput,
  UploadPartParams,
} from './model/multipart.js';
import type {
  CreateSignedUrlOutput,
  CreateSignedUrlParams,
  GetObjectMetadataOutput,
  GetObjectMetadataParams,
  PutObjectOutput,
  PutObjectParams,
} from './model/object.js';
import type { ObsCallback, ObsResult } from './model/result.js';
import type { UploadFileOutput } from './model/upload-file-event.js';
import type { UploadFileParams } from './model/upload-file-params.js';
import { toClientError } from './results/client-error.js';
import type { RequestRecord } from '../model/upload/request-record.js';
import { settle } from './results/settle.js';
import { uploadFile$ } from './upload/upload-file.js';

/** With a callback as the last argument; without one it returns a Promise. */
export interface ObsCall<P, T> {
  (params: P, callback: ObsCallback<T>): void;
  (params: P): Promise<ObsResult<T>>;
}

/**
 * The callback API of Huawei's browser SDK on this library's engine: change the import and keep the code. A refusal by
 * the service is a result whose `CommonMsg.Status` is 300 or more; errors are for requests without a response, and for
 * `uploadFile` when it was stopped or a part failed.
 *
 * @example
 * ```ts
 * const obs = new ObsClient({ access_key_id, secret_access_key, security_token, server: 'obs.cn-north-4.myhuaweicloud.com' });
 * let hook: ResumeHook;
 * let checkpoint: ObsUploadCheckpoint;
 * obs.uploadFile(
 *   {
 *     Bucket: 'media',
 *     Key: 'film.mp4',
 *     SourceFile: file,
 *     TaskNum: 4,
 *     ProgressCallback: (transferred, total, seconds) => show(transferred / total, transferred / seconds),
 *     ResumeCallback: (resumeHook, uploadCheckpoint) => {
 *       hook = resumeHook;
 *       checkpoint = uploadCheckpoint;
 *     },
 *   },
 *   (error, result) => {
 *     if (error) obs.uploadFile({ UploadCheckpoint: checkpoint }, showResult);
 *     else showResult(null, result);
 *   },
 * );
 * ```
 * @see docs/migrating-from-esdk-obs-browserjs.md
 */
export class ObsClient {
  /** Names of ACLs and storage classes. */
  readonly enums: ObsEnums = obsEnums;
  /** Emits one record for each request of this client that has ended, for logs and measurements. */
  readonly requests$: Observable<RequestRecord>;
  // Used by functions of this object alone: methods of a class would fail where a framework (Vue) has wrapped it in a proxy.
  readonly #client: OpenClient;

  /** @throws ObsClientError with code `invalid-options`, naming the option */
  constructor(options: ObsClientOptions) {
    this.#client = orThrow(() => openClient({ ...options }));
    this.requests$ = this.#client.connection.requests$;
  }

  /**
   * Replaces the credentials, for running uploads too.
   * @throws ObsClientError with code `invalid-options`
   */
  readonly refresh: (access_key_id: string, secret_access_key: string, security_token?: string) => void = (
    access_key_id,
    secret_access_key,
    security_token,
  ) => {
    const credentials = orThrow(() => requireCredentials(access_key_id, secret_access_key, security_token));
    this.#client.credentials.refresh(credentials);
  };

  /** Uploads a file in parts, or resumes from a checkpoint. The callback is called exactly once. */
  readonly uploadFile: ObsCall<UploadFileParams, UploadFileOutput> = this.#call(uploadFile$);

  /** Initiates a multipart upload and returns its id. */
  readonly initiateMultipartUpload: ObsCall<InitiateMultipartUploadParams, InitiateMultipartUploadOutput> =
    this.#call(initiateMultipartUpload$);

  /** Sends one part. */
  readonly uploadPart: ObsCall<UploadPartParams, UploadPartOutput> = this.#call(uploadPart$);

  /** One page of the parts that the service has of an upload. */
  readonly listParts: ObsCall<ListPartsParams, ListPartsOutput> = this.#call(listParts$);

  /** One page of a bucket's unfinished uploads. */
  readonly listMultipartUploads: ObsCall<ListMultipartUploadsParams, ListMultipartUploadsOutput> =
    this.#call(listMultipartUploads$);

  /** Creates the object from its parts. An error inside a 200 response is an error. */
  readonly completeMultipartUpload: ObsCall<CompleteMultipartUploadParams, CompleteMultipartUploadOutput> =
    this.#call(completeMultipartUpload$);

  /** Deletes an upload and its parts. */
  readonly abortMultipartUpload: ObsCall<AbortMultipartUploadParams, object> = this.#call(abortMultipartUpload$);

  /** An object of at most 5 GiB in one request. */
  readonly putObject: ObsCall<PutObjectParams, PutObjectOutput> = this.#call(putObject$);

  /** HEAD: an object's headers. */
  readonly getObjectMetadata: ObsCall<GetObjectMetadataParams, GetObjectMetadataOutput> =
    this.#call(getObjectMetadata$);

  /**
   * A URL with which anyone may send that one request until it expires.
   * @throws ObsClientError with code `invalid-options`
   */
  readonly createSignedUrlSync: (params: CreateSignedUrlParams) => CreateSignedUrlOutput = (params) =>
    orThrow(() => signedUrlOf(this.#client, params));

  #call<P extends object, T>(call: (client: OpenClient, params: P) => Observable<ObsResult<T>>): ObsCall<P, T> {
    // Copied, so that later changes to the parameters do not affect the call.
    const settled = (params: P, callback?: ObsCallback<T>): unknown =>
      settle(call(this.#client, { ...params }), callback);
    return settled as ObsCall<P, T>;
  }
}

function orThrow<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw toClientError(error);
  }
}
