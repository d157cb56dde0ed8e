export { createObsConnection } from './connection/create-obs-connection.js';
export { withAround } from './connection/obs-connection.js';
export { uploadFile$ } from './upload-file.js';
export { upload } from './upload.js';
export { uploadFiles$ } from './upload-files.js';
export { uploadQueue$ } from './upload-queue.js';
export { createUploadQueue } from './upload-queue.js';
export { resumable$ } from './resumable.js';
export { resumeOnError$ } from './operators/resume-on-error.js';
export { abortUpload$ } from './abort-upload.js';
export { listUploads$ } from './list-uploads.js';
export { toQueueSnapshot, toUploadSnapshot } from './operators/to-snapshot.js';
export { uploadResult } from './operators/upload-result.js';
export { toAsyncIterable } from './operators/to-async-iterable.js';
export { reduceUpload } from './model/upload/reduce-upload.js';
export { reduceQueue, withoutFiles } from './model/queue/reduce-queue.js';
export { idleSnapshot } from './model/upload/snapshot.js';
export { emptyQueue } from './model/queue/queue.js';
export { emptyQueueState } from './model/queue/queue-state.js';
export { parseCheckpoint } from './validation/checkpoint.js';
export { isUploadError, toUploadErrorInfo } from './model/errors/is-upload-error.js';

export { UploadError } from './model/errors/upload-error.js';
export {
  CheckpointError,
  IntegrityError,
  InvalidOptionsError,
  NetworkError,
  ServiceError,
  SigningError,
  SourceError,
  WorkerError,
} from './model/errors/errors.js';

export { obsSigner } from './signing/v2.js';
export { v2Signer } from './signing/v2.js';
export { v4Signer } from './signing/v4.js';
export { obsDialect } from './protocol/dialect.js';
export { s3Dialect, v2Dialect } from './protocol/s3-dialect.js';
export { createSignedUrl } from './create-signed-url.js';
export { browserTransport } from './ports/transport/browser-transport.js';
export { xhrTransport } from './ports/transport/xhr-transport.js';
export { fetchTransport } from './ports/transport/fetch-transport.js';
export { memoryCheckpointStore } from './ports/checkpoint-store/memory-checkpoint-store.js';
export { webStorageCheckpointStore } from './ports/checkpoint-store/web-storage-checkpoint-store.js';
export { indexedDbCheckpointStore } from './ports/checkpoint-store/indexed-db-checkpoint-store.js';
export { pendingUploads$ } from './pending-uploads.js';
export { recallFile$, rememberFile$ } from './file-handles.js';
export { droppedFiles$ } from './ports/selected-files/dropped-files.js';
export { chosenFiles$ } from './ports/selected-files/chosen-files.js';
export { transformParts } from './ports/source/transform-parts.js';
export { recallStream$ } from './recall-stream.js';
export { indexedDbSpool } from './ports/spool/indexed-db-spool.js';
export { streamSource } from './ports/source/stream-source.js';
export { webLock } from './ports/lock/web-lock.js';
export { memoryLock } from './ports/lock/memory-lock.js';

export {
  initiateMultipartUpload$,
  uploadPart$,
  listParts$,
  completeMultipartUpload$,
  abortMultipartUpload$,
  listMultipartUploads$,
  putObject$,
  headObject$,
} from './operations.js';

export type { Around, ObsConnection } from './connection/obs-connection.js';
export type { ObsConnectionOptions } from './connection/options.js';
export type { ObsCredentials } from './model/credentials.js';
export type { UploadRequest, UploadTarget, UploadOptions, RetryOptions } from './upload-request.js';
export type {
  ObjectOptions,
  StorageClass,
  SseManaged,
  SseCustomerKey,
  SseCustomerAlgorithm,
  UploadCallback,
  ExtraHeaders,
} from './model/object-options.js';
export type {
  UploadEvent,
  UploadHashing,
  UploadStarted,
  UploadRestarted,
  PartStarted,
  PartCompleted,
  UploadRetrying,
  UploadWaiting,
  UploadWarning,
  UploadProgress,
  UploadCheckpointed,
  UploadCompleting,
  UploadCompleted,
  UploadResult,
  UploadQueued,
  UploadNotification,
} from './model/upload/event.js';
export type { UploadSnapshot, UploadStatus, PartStatus } from './model/upload/snapshot.js';
export type { QueuedFile, QueueNotification, QueueSnapshot } from './model/queue/queue.js';
export type { QueuedRequest, UploadFilesOptions } from './upload-files.js';
export type {
  QueueState,
  QueueRow,
  QueueRowStatus,
  QueueRowActions,
  QueueNote,
  QueueTotals,
  QueuePending,
  QueueNotice,
} from './model/queue/queue-state.js';
export type { QueueCommand, QueueAdd, QueuePick, QueueRequest } from './queue/command.js';
export type { UploadQueueOptions, QueueDefaults } from './queue/options.js';
export type { UploadQueue, CreateUploadQueueOptions, QueueIds } from './upload-queue.js';
export type { UploadPromiseOptions } from './upload.js';
export type { ToAsyncIterableOptions } from './operators/to-async-iterable.js';
export type { AnyObservable, NativeObservable } from './ports/from-port.js';
export type { ResumableOptions } from './resumable.js';
export type { ResumeOnErrorOptions } from './operators/resume-on-error.js';
export type { UploadCheckpoint, UploadedPart, FileIdentity } from './model/checkpoint/checkpoint.js';
export type { Checksum, ChecksumAlgorithm } from './model/checksum.js';
export type { UploadErrorInfo, UploadErrorCode } from './model/upload/error-info.js';
export type { UploadErrorDetails } from './model/errors/upload-error.js';
export type { ServiceErrorDetails } from './model/errors/errors.js';
export type { RequestRecord } from './model/upload/request-record.js';
export type { Operation } from './model/operation.js';
export type {
  UploadSource,
  PlainSource,
  SizedSource,
  GrowingSource,
  TransformedSource,
  PartTransform,
} from './ports/source/upload-source.js';
export type { RecallStreamOptions } from './recall-stream.js';
export type { StreamSpool, SpooledStream, StreamRecording, RecordedChunk } from './ports/spool/stream-spool.js';
export type { IndexedDbSpoolOptions } from './ports/spool/indexed-db-spool.js';
export type { StreamSourceOptions } from './ports/source/stream-source-options.js';
export type { Addressing } from './protocol/request/endpoint.js';
export type { Dialect } from './protocol/dialect.js';
export type {
  Signer,
  SigningContext,
  SignedRequest,
  UnsignedRequest,
  UrlSigner,
  UrlSigningContext,
  SignableRequest,
} from './signing/signer.js';
export type { V4SignerOptions } from './signing/v4.js';
export type { SignedUrlOptions } from './create-signed-url.js';
export type {
  Transport,
  TransportEvent,
  TransportRequest,
  TransportResponse,
  RequestBody,
  StreamedBody,
} from './ports/transport/transport.js';
export type {
  CheckpointStore,
  FileHandle,
  FileHandleStore,
  StoredCheckpoint,
} from './ports/checkpoint-store/checkpoint-store.js';
export type { CheckpointStoreOptions } from './ports/checkpoint-store/checkpoint-store-over.js';
export type { KeyValueStorage } from './ports/checkpoint-store/web-storage-checkpoint-store.js';
export type { IndexedDbCheckpointStoreOptions } from './ports/checkpoint-store/indexed-db-checkpoint-store.js';
export type { PendingUpload } from './pending-uploads.js';
export type { FileToRemember } from './file-handles.js';
export type { SelectedFile, SelectedFiles, UnreadableFile } from './ports/selected-files/selected-files.js';
export type { UploadLock } from './ports/lock/upload-lock.js';
export type { Hasher } from './ports/hash/hasher.js';
export type { AbortedUpload, AbortUploadOptions } from './abort-upload.js';
export type {
  InitiateMultipartUploadArgs,
  InitiateMultipartUploadResult,
} from './protocol/operations/initiate-multipart-upload.js';
export type { UploadPartArgs, UploadPartResult } from './protocol/operations/upload-part.js';
export type { ListPartsArgs, ListPartsResult } from './protocol/operations/list-parts.js';
export type {
  CompleteMultipartUploadArgs,
  CompleteMultipartUploadResult,
} from './protocol/operations/complete-multipart-upload.js';
export type { AbortMultipartUploadArgs } from './protocol/operations/abort-multipart-upload.js';
export type {
  ListMultipartUploadsArgs,
  ListMultipartUploadsResult,
  UnfinishedUpload,
  UploadMarker,
} from './protocol/operations/list-multipart-uploads.js';
export type { PutObjectArgs, PutObjectResult } from './protocol/operations/put-object.js';
export type { HeadObjectArgs, HeadObjectResult } from './protocol/operations/head-object.js';
