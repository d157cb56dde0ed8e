import { map, of } from 'rxjs';
import {
  withParts,
  type FileIdentity,
  type UploadCheckpoint,
  type UploadedPart,
} from '../../model/checkpoint/checkpoint.js';
import type { ChecksumAlgorithm } from '../../model/checksum.js';
import type { UploadStarted } from '../../model/upload/event.js';
import { totalSize } from '../../model/checkpoint/reconcile.js';
import { rightsOf, withoutRights } from '../../model/checkpoint/rights.js';
import { serverOf } from '../../protocol/request/endpoint.js';
import { keyMd5 } from '../../protocol/request/object-headers.js';
import { requireEntire, withSize } from '../parts/growing.js';
import { sentBytes } from '../parts/read-source.js';
import { isShown } from '../../validation/dialect-options.js';
import { concatResult, result, type Activity, type InitiateSent, type Result, type Step } from '../step.js';
import type { Cutting, Upload } from '../upload.js';
import { initiateMultipartUpload } from '../../protocol/operations/initiate-multipart-upload.js';
import { call$ } from '../call/call.js';

/** An upload that exists on the server, with the parts that it has. */
export interface Session {
  readonly checkpoint: UploadCheckpoint;
}

function newCheckpoint(upload: Upload, file: FileIdentity, uploadId: string): UploadCheckpoint {
  const { bucket, key, partSize, transform, sseCustomerKey } = upload;
  const rights = rightsOf(upload.object);
  const checksum = announcedChecksum(upload);
  return {
    version: 1,
    server: serverOf(upload.shared.endpoint),
    bucket,
    key,
    uploadId,
    partSize,
    file,
    ...(transform === null ? {} : { partOverheadBytes: transform.overheadBytes }),
    object: withoutRights(upload.object),
    ...(rights.length === 0 ? {} : { rights }),
    ...(checksum && { checksum }),
    sseCustomerKeyMd5: keyMd5(sseCustomerKey),
    parts: [],
  };
}

/** null: initiate announces none */
export function announcedChecksum({ checksum, shared }: Pick<Upload, 'checksum' | 'shared'>): ChecksumAlgorithm | null {
  return isShown(checksum) && shared.signer.dialect.declaresChecksums ? checksum : null;
}

/** The fields that `started` reports. */
type Starting = Cutting & Pick<Upload, 'bucket' | 'key' | 'partCount' | 'transform'>;

/** Emits the upload's starting point, then the session as the result. */
export function begin$(upload: Starting, base: UploadCheckpoint, parts: readonly UploadedPart[]): Step<Session> {
  const checkpoint = withSize(upload.source, withParts(base, parts));
  return of<(Activity | Result<Session>)[]>(
    started(upload, checkpoint.uploadId, totalSize(parts)),
    { type: 'checkpoint', checkpoint },
    result({ checkpoint }),
  );
}

/** @param uploadId - null: the file goes as one PUT */
export function started(upload: Starting, uploadId: string | null, resumedBytes: number): UploadStarted {
  const { bucket, key, partCount, size, transform } = upload;
  const totalBytes = size === null || partCount === null ? null : sentBytes(transform, size, partCount);
  const partSize = sentBytes(transform, upload.partSize, 1);
  return { type: 'started', bucket, key, uploadId, totalBytes, partSize, partCount, resumedBytes };
}

const initiateSent: InitiateSent = { type: 'initiate-sent' };

/** Starts a new upload on the server. */
export function initiate$(upload: Upload, file: FileIdentity): Step<Session> {
  requireEntire(upload.source, 'start');
  const args = { ...upload, checksum: announcedChecksum(upload) };
  return call$(upload, initiateMultipartUpload(args, upload.shared.signer.dialect)).pipe(
    map((activity) =>
      activity.type === 'attempt-started' || activity.type === 'upload-progress' ? initiateSent : activity,
    ),
    concatResult(({ uploadId }) => begin$(upload, newCheckpoint(upload, file, uploadId), [])),
  );
}
