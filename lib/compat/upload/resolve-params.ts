import { InvalidOptionsError } from '../../model/errors/errors.js';
import { requireInteger } from '../../validation/check.js';
import type { UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import { onlyRights } from '../../model/checkpoint/rights.js';
import type { UploadRequest } from '../../upload-request.js';
import type { UploadSource } from '../../ports/source/upload-source.js';
import { isFile } from '../checkpoint/live-record.js';
import { readRecord } from '../checkpoint/read-record.js';
import { rememberedOf, type Remembered } from '../checkpoint/remembered.js';
import type { ObsUploadCheckpoint } from '../model/checkpoint.js';
import type { UploadFileParams } from '../model/upload-file-params.js';
import { untrustedOptionsOf } from '../params/object-options.js';
import { correctPartSize } from '../params/part-size.js';
import { sseOf } from '../params/sse.js';

/** The validated parameters of `uploadFile`. */
export interface ResolvedParams {
  readonly request: UploadRequest;
  readonly sourceFile: Blob | UploadSource;
  /** The record to resume from, and its checkpoint. */
  readonly given: ObsUploadCheckpoint | null;
  readonly checkpoint: UploadCheckpoint | null;
  /** What a resume with the same record object needs and the record does not contain. */
  readonly secret: Remembered;
}

/** @throws InvalidOptionsError or CheckpointError; the rest is checked by `uploadFile$` */
export function resolveParams(params: UploadFileParams, stallTimeoutMs: number): ResolvedParams {
  const record = params.UploadCheckpoint || null;
  const checkpoint = record && readRecord(record);
  const given = checkpoint && record;
  const sourceFile = sourceFileOf(params, given);
  const { customerKey, ...rights } = rememberedOf(given);
  const sse = sseOf(params) ?? (customerKey && ({ type: 'customer', key: customerKey } as const));
  const retries = requireInteger('PartRetryNum', Number(params.PartRetryNum ?? 0), 0);
  const request = {
    ...rights,
    ...untrustedOptionsOf(params),
    ...(params.Bucket === undefined ? {} : { bucket: params.Bucket }),
    ...(params.Key === undefined ? {} : { key: params.Key }),
    ...(params.RequestDate === undefined ? {} : { requestDate: params.RequestDate }),
    ...(sse === null ? {} : { sse }),
    uploadCheckpoint: checkpoint,
    sourceFile,
    // Its record has 0, as in the official SDK: a resume could not know another one.
    partSize: correctPartSize(sourceFile.size === 0 ? undefined : params.PartSize),
    taskNum: Number(params.TaskNum || 1),
    checksum: params.VerifyMd5 ? 'md5' : 'none',
    multipart: 'always',
    retry: { maxAttempts: retries + 1 },
    stallTimeoutMs,
  } as UploadRequest;
  const secret = { ...onlyRights(request), customerKey: sse?.type === 'customer' ? sse.key : null };
  return { request, sourceFile, given, checkpoint, secret };
}

function sourceFileOf({ SourceFile }: UploadFileParams, given: ObsUploadCheckpoint | null): Blob | UploadSource {
  if (SourceFile) return SourceFile;
  if (given !== null && isFile(given.sourceFile)) return given.sourceFile;
  throw new InvalidOptionsError(
    'SourceFile',
    given === null
      ? 'SourceFile must be a File or a Blob.'
      : 'SourceFile must be passed again: an UploadCheckpoint that went through JSON has lost its file.',
  );
}
