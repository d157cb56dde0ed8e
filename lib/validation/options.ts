import { isBytes } from '../model/kinds.js';
import { CheckpointError, InvalidOptionsError } from '../model/errors/errors.js';
import type { UploadCheckpoint } from '../model/checkpoint/checkpoint.js';
import type { HashAlgorithm } from '../model/checksum.js';
import type { ObjectOptions } from '../model/object-options.js';
import { missingRight } from '../model/checkpoint/rights.js';
import type { UploadRequest } from '../upload-request.js';
import {
  DEFAULT_PART_SIZE,
  defaultPartSize,
  fitPartSize,
  MAX_OBJECT_SIZE,
  MAX_PART_SIZE,
  MAX_SINGLE_PUT_SIZE,
  MIN_PART_SIZE,
  partCountOf,
} from '../model/checkpoint/parts.js';
import { requireSupported, type Dialect } from '../protocol/dialect.js';
import { serverOf, type Endpoint } from '../protocol/request/endpoint.js';
import { keyMd5 } from '../protocol/request/object-headers.js';
import type { AnyObservable } from '../ports/from-port.js';
import type { EngineSource } from '../ports/source/streamed-source.js';
import type { CheckedTransform, TransformingSource } from '../ports/source/transform-parts.js';
import type { UploadSource } from '../ports/source/upload-source.js';
import {
  parseRequestDate,
  requireBoolean,
  requireInteger,
  requireMilliseconds,
  requireOneOf,
  type Untrusted,
} from './check.js';
import { resolveChecksum, resolveTrafficLimit, resumedChecksum, type TrafficLimit } from './dialect-options.js';
import { contentTypeOf } from '../protocol/request/content-type.js';
import { readObjectOptions } from './object-options.js';
import { parseCheckpoint } from './checkpoint.js';
import { resolveRetry, type ResolvedRetry } from './retry.js';
import { requireBucket, requireKey } from './target.js';

/** A request after validation: complete, with defaults, safe to act on. */
export interface ResolvedUpload {
  readonly bucket: string;
  readonly key: string;
  readonly source: EngineSource;
  /** What happens to each part before it is sent. */
  readonly transform: CheckedTransform | null;
  /** bytes; like the date, as of the start of the upload; null: a stream that has not ended */
  readonly size: number | null;
  readonly lastModified: number | null;
  readonly object: ObjectOptions;
  /** Those of these options that the request itself sets. */
  readonly requested: ObjectOptions;
  readonly sseCustomerKey: Uint8Array | null;
  readonly checkpoint: UploadCheckpoint | null;
  readonly partSize: number;
  /** null: a stream that has not ended */
  readonly partCount: number | null;
  /** The file is sent as one PUT; a stream if it ends within the first part. */
  readonly isSinglePut: boolean;
  readonly checksum: HashAlgorithm | 'none';
  readonly trafficLimit: TrafficLimit;
  readonly skipExisting: boolean;
  readonly verifyResume: 'sample' | 'parts';
  readonly taskNum: number | 'auto' | AnyObservable<number>;
  /** epoch milliseconds at which this upload's signing clock starts; null: the machine's */
  readonly requestTime: number | null;
  readonly retry: ResolvedRetry;
  readonly stallTimeoutMs: number;
  readonly progressIntervalMs: number;
}

/** An upload whose options a checkpoint may complete. */
type Resumable = Omit<ResolvedUpload, 'requestTime'>;

/** @throws InvalidOptionsError or CheckpointError */
export function resolveUpload(
  request: UploadRequest,
  given: UploadSource,
  endpoint: Endpoint,
  dialect: Dialect,
): ResolvedUpload {
  const [source, transform] =
    'transform' in given ? [given.source, (given as TransformingSource).checked()] : [given, null];
  const checkpoint = request.uploadCheckpoint ? parseCheckpoint(request.uploadCheckpoint) : null;
  if (checkpoint !== null) requireSameTarget(checkpoint, { ...request, server: serverOf(endpoint) });
  const bucket = requireBucket(checkpoint?.bucket ?? request.bucket, endpoint);
  const key = requireKey(checkpoint?.key ?? request.key);
  const requested = readObjectOptions(request as unknown as Untrusted);
  const object = {
    ...requested,
    contentType: requested.contentType ?? (source.type || contentTypeOf(key, source.name)),
  };
  const { size, lastModified } = source;
  const partSize = 'grown$' in source ? partSizeOfStream(request.partSize) : resolvePartSize(request.partSize, size);
  const partCount = size === null ? null : partCountOf(size, partSize);
  const multipart = requireOneOf('multipart', request.multipart ?? 'auto', ['auto', 'always'] as const);
  const sseCustomerKey = requireSseCustomerKey(request);
  const resolved: ResolvedUpload = {
    bucket,
    key,
    source: source as EngineSource,
    transform,
    size,
    lastModified,
    object,
    requested,
    sseCustomerKey,
    checkpoint: null,
    partSize,
    partCount,
    isSinglePut: multipart === 'auto' && (partCount ?? 1) === 1 && (size ?? 0) <= MAX_SINGLE_PUT_SIZE,
    checksum: resolveChecksum(request.checksum, dialect),
    trafficLimit: resolveTrafficLimit(request.trafficLimit, dialect),
    skipExisting: resolveSkipExisting(request.skipExisting, source, transform),
    verifyResume: requireOneOf('verifyResume', request.verifyResume ?? 'sample', ['sample', 'parts'] as const),
    taskNum: resolveTaskNum(request.taskNum),
    requestTime: request.requestDate === undefined ? null : parseRequestDate(request.requestDate),
    retry: resolveRetry(request.retry),
    stallTimeoutMs: requireMilliseconds('stallTimeoutMs', request.stallTimeoutMs ?? 60_000, 1),
    progressIntervalMs: requireMilliseconds('progressIntervalMs', request.progressIntervalMs ?? 100, 0),
  };
  if (checkpoint !== null) return resumeFrom(resolved, checkpoint, dialect);
  requireSupported(object, dialect);
  return resolved;
}

/**
 * The same upload, resumed from its checkpoint. The part size is the checkpoint's; the object's options are the
 * checkpoint's unless the request sets them; rights come only from the request, as others may have modified a
 * checkpoint.
 * @throws InvalidOptionsError or CheckpointError
 */
export function resumeFrom<T extends Resumable>(resolved: T, checkpoint: UploadCheckpoint, dialect: Dialect): T {
  if (checkpoint.sseCustomerKeyMd5 !== keyMd5(resolved.sseCustomerKey)) {
    throw new InvalidOptionsError('sse', 'sse must be the same SSE-C key that this upload was started with.');
  }
  requireSameTransform(checkpoint, resolved);
  requireRights(checkpoint, resolved.requested, 'completing');
  const object = { ...checkpoint.object, ...resolved.requested };
  requireSupported(object, dialect);
  const { partSize } = checkpoint;
  const partCount = resolved.size === null ? null : partCountOf(resolved.size, partSize);
  const checksum = resumedChecksum(resolved.checksum, checkpoint.checksum, dialect);
  return { ...resolved, object, checksum, checkpoint, partSize, partCount, isSinglePut: false };
}

/** Parts that were transformed and others do not make one object. */
function requireSameTransform({ partOverheadBytes }: UploadCheckpoint, { transform }: Resumable): void {
  if (partOverheadBytes === transform?.overheadBytes) return;
  throw new InvalidOptionsError(
    'sourceFile',
    'sourceFile must be transformed as when this upload was started: with the same transformParts, or without.',
  );
}

/**
 * Requires the rights of an upload, which a checkpoint cannot restore, in the request: those still to be sent, or all
 * of them if the upload has to restart.
 * @throws InvalidOptionsError naming the option
 */
export function requireRights(
  { rights = [] }: UploadCheckpoint,
  requested: ObjectOptions,
  needed: 'completing' | 'restarting',
): void {
  const missing = missingRight(rights, requested, needed);
  if (missing === null) return;
  const why = needed === 'completing' ? '' : ', is gone from the server, and would have to be started again';
  throw new InvalidOptionsError(
    missing,
    `${missing} must be passed again: this upload was started with it${why}. A checkpoint does not restore it.`,
  );
}

/** A checkpoint does not decide where requests are sent. */
export function requireSameTarget(
  checkpoint: UploadCheckpoint,
  expected: { readonly server: string; readonly bucket?: string | undefined; readonly key?: string | undefined },
): void {
  for (const field of ['server', 'bucket', 'key'] as const) {
    if (expected[field] === undefined || expected[field] === checkpoint[field]) continue;
    throw new CheckpointError(field, `The checkpoint belongs to another ${field}. Start the upload without it.`);
  }
}

/** How long a stream becomes is unknown: 10,000 parts of 9 MiB are 87 GiB. */
function partSizeOfStream(requested: unknown): number {
  return requested === undefined
    ? DEFAULT_PART_SIZE
    : requireInteger('partSize', requested, MIN_PART_SIZE, MAX_PART_SIZE);
}

/** What is produced or encrypted while it is sent cannot be compared with an object beforehand. */
function resolveSkipExisting(option: unknown, source: UploadSource, transform: CheckedTransform | null): boolean {
  const skipExisting = requireBoolean('skipExisting', option ?? false);
  if (!skipExisting || (!('grown$' in source) && transform === null)) return skipExisting;
  throw new InvalidOptionsError(
    'skipExisting',
    'skipExisting must not be set for a stream or for transformed parts: they are known only when they are sent.',
  );
}

function resolvePartSize(requested: unknown, size: number | null): number {
  if (size === null || !Number.isSafeInteger(size) || size < 0) {
    throw new InvalidOptionsError('sourceFile', 'sourceFile must have a size: a whole number of bytes.');
  }
  if (size > MAX_OBJECT_SIZE) {
    throw new InvalidOptionsError(
      'sourceFile',
      `sourceFile has ${size} bytes; an object has at most ${MAX_OBJECT_SIZE} (48.8 TiB).`,
    );
  }
  if (requested === undefined) return defaultPartSize(size);
  return fitPartSize(size, requireInteger('partSize', requested, MIN_PART_SIZE, MAX_PART_SIZE));
}

/** The key is not in the checkpoint, so it must be passed again on resume. */
function requireSseCustomerKey({ sse }: UploadRequest): Uint8Array | null {
  if (sse?.type !== 'customer') return null;
  if (!isBytes(sse.key) || sse.key.length !== 32) {
    throw new InvalidOptionsError('sse', 'sse.key must be the 32 bytes (Uint8Array) of the SSE-C key.');
  }
  return sse.key;
}

function resolveTaskNum(taskNum: unknown): ResolvedUpload['taskNum'] {
  if (taskNum === 'auto') return taskNum;
  if (typeof taskNum === 'object' && taskNum !== null && 'subscribe' in taskNum)
    return taskNum as AnyObservable<number>;
  return requireInteger('taskNum', taskNum ?? 1, 1);
}
