export { ObsClient } from './obs-client.js';
export { ObsClientError } from './obs-client-error.js';

export type { ObsClientOptions } from './model/client.js';
export type { ObsCall } from './obs-client.js';
export type { ObsClientErrorCode, ObsClientErrorDetails } from './obs-client-error.js';
export type { CommonMsg, ObsCallback, ObsResult, ProgressCallback, RequestIds } from './model/result.js';
export type { ResumeCallback, ResumeHook, UploadFileParams } from './model/upload-file-params.js';
export type {
  EventCallback,
  UploadFileEvent,
  UploadFileEventParam,
  UploadFileEventResult,
  UploadFileEventType,
  UploadFileOutput,
} from './model/upload-file-event.js';
export type { ObsCheckpointPart, ObsFileStat, ObsResumeFacts, ObsUploadCheckpoint } from './model/checkpoint.js';
export type { ObsEnums } from './model/client.js';
export type {
  CompletionParams,
  GrantParams,
  HttpParams,
  ObjectParams,
  ObjectTarget,
  SseCParams,
  SseOutput,
  SseParams,
  UploadTarget,
} from './model/object-params.js';
export type {
  AbortMultipartUploadParams,
  AccountOutput,
  BodyParams,
  CompleteMultipartUploadOutput,
  CompleteMultipartUploadParams,
  InitiateMultipartUploadOutput,
  InitiateMultipartUploadParams,
  ListMultipartUploadsOutput,
  ListMultipartUploadsParams,
  ListPartsOutput,
  ListPartsParams,
  PartOutput,
  UnfinishedUploadOutput,
  UploadPartOutput,
  UploadPartParams,
} from './model/multipart.js';
export type {
  CreateSignedUrlOutput,
  CreateSignedUrlParams,
  GetObjectMetadataOutput,
  GetObjectMetadataParams,
  PutObjectOutput,
  PutObjectParams,
} from './model/object.js';
