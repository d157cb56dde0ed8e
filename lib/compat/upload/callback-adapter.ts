import type { UploadEvent, UploadResult } from '../../model/upload/event.js';
import { liveRecord, type LiveRecord } from '../checkpoint/live-record.js';
import type { ObsResult } from '../model/result.js';
import type { UploadFileEvent, UploadFileOutput } from '../model/upload-file-event.js';
import type { ResumeHook, UploadFileParams } from '../model/upload-file-params.js';
import { quotedEtag } from '../params/etag.js';
import type { ResponseLog } from '../results/response-log.js';
import { succeeded } from '../results/obs-result.js';
import { callbackOutput, headerOutput, partHeaders } from '../results/outputs.js';
import { callBack } from '../results/settle.js';
import type { ResolvedParams } from './resolve-params.js';

/** Which requests may fail next. */
export type Phase = 'opening' | 'sending' | 'completing';

/** Calls the callbacks of one upload, and updates its record. */
export interface CallbackAdapter {
  /** null until the upload is initiated */
  readonly live: LiveRecord | null;
  readonly phase: Phase;
  /** Passes hook and record to `ResumeCallback` at once if the upload is resumed. */
  begin(): void;
  onEvent(event: UploadEvent): void;
  complete(result: UploadResult): ObsResult<UploadFileOutput>;
  readonly emitEvent: (...event: UploadFileEvent) => void;
}

export function createCallbackAdapter(
  { EventCallback, ProgressCallback, ResumeCallback }: UploadFileParams,
  { request, sourceFile, given, checkpoint, secret }: ResolvedParams,
  log: ResponseLog,
  hook: ResumeHook,
): CallbackAdapter {
  let phase: Phase = 'opening';
  let live = checkpoint === null ? null : liveRecord(checkpoint, sourceFile, given, secret);

  const emitEvent = (...[type, param, result]: UploadFileEvent): void => {
    if (EventCallback) callBack(() => EventCallback(type, param, result));
  };
  const handOut = ({ record }: LiveRecord): void => {
    if (ResumeCallback) callBack(() => ResumeCallback(hook, record));
  };

  return {
    get live() {
      return live;
    },
    get phase() {
      return phase;
    },
    emitEvent,
    begin() {
      if (live !== null) handOut(live);
    },
    onEvent(event) {
      switch (event.type) {
        case 'checkpoint': {
          const isNew = event.checkpoint.uploadId !== live?.checkpoint.uploadId;
          const isFirst = live === null;
          live ??= liveRecord(event.checkpoint, sourceFile, null, secret);
          live.follow(event.checkpoint);
          if (isNew) emitInitiated(live, log, emitEvent);
          if (isFirst) handOut(live);
          return;
        }
        case 'part-completed':
          if (live !== null) emitPart(live, event.partNumber, event.etag, log, emitEvent);
          return;
        case 'started':
          phase = 'sending';
          return;
        case 'completing':
          phase = 'completing';
          return;
        case 'progress':
          // Not before the first byte: users divide by the seconds, and 0 / 0 is NaN.
          if (event.transferredBytes > 0 && ProgressCallback) {
            callBack(() =>
              ProgressCallback(event.transferredBytes, event.totalBytes ?? event.availableBytes, event.elapsedSeconds),
            );
          }
          return;
        default:
      }
    },
    complete(result) {
      const last = log.take('complete');
      const response = last !== null && last.status < 300 ? last : null;
      const output = succeeded(response, {
        Bucket: result.bucket,
        Key: result.key,
        Location: result.location,
        ETag: quotedEtag(result.etag),
        ...(result.versionId === null ? {} : { VersionId: result.versionId }),
        ...(request.callback === undefined ? {} : callbackOutput(response)),
      });
      if (live !== null) emitEvent('completeMultipartUploadSucceed', targetOf(live), output);
      return output;
    },
  };
}

/** The parameters of every event of an initiated upload. */
export function targetOf({ checkpoint: { bucket, key, uploadId } }: LiveRecord): {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
} {
  return { bucket, key, uploadId };
}

function emitInitiated(live: LiveRecord, log: ResponseLog, emitEvent: CallbackAdapter['emitEvent']): void {
  const target = targetOf(live);
  const output = { Bucket: target.bucket, Key: target.key, UploadId: target.uploadId };
  emitEvent('initiateMultipartUploadSucceed', target, succeeded(log.take('initiate'), output));
}

function emitPart(
  live: LiveRecord,
  partNumber: number,
  etag: string,
  log: ResponseLog,
  emitEvent: CallbackAdapter['emitEvent'],
): void {
  const response = log.take(partNumber);
  const param = { ...targetOf(live), partNumber, ...(etag === '' ? {} : { etag: quotedEtag(etag) }) };
  emitEvent('uploadPartSucceed', param, succeeded(response, headerOutput(response, partHeaders)));
}
