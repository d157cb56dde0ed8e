import type { UploadEvent, UploadResult } from '../../model/event.js';
import { liveRecord, type LiveRecord } from '../checkpoint/live-record.js';
import { remember } from '../checkpoint/remembered.js';
import type { ObsResult } from '../model/result.js';
import type { UploadFileEvent } from '../model/upload-file-event.js';
import type { ResumeHook, UploadFileOutput, UploadFileParams } from '../model/upload-file-params.js';
import { quotedEtag } from '../params/etag.js';
import type { Answers } from '../results/answers.js';
import { succeeded } from '../results/obs-result.js';
import { callbackOutput, headerOutput, partHeaders } from '../results/outputs.js';
import { tell } from '../results/settle.js';
import type { ResolvedParams } from './resolve-params.js';

/** Which requests may fail next. */
export type Phase = 'opening' | 'sending' | 'completing';

/** Tells the callbacks of one upload what goes on, and keeps its record. */
export interface CallbackAdapter {
  /** null until the service knows the upload */
  readonly live: LiveRecord | null;
  readonly phase: Phase;
  /** Hands out hook and record at once where there is something to go on from. */
  begin(): void;
  hear(event: UploadEvent): void;
  complete(result: UploadResult): ObsResult<UploadFileOutput>;
  readonly tellEvent: (...event: UploadFileEvent) => void;
}

export function createTeller(
  { EventCallback, ProgressCallback, ResumeCallback }: UploadFileParams,
  { request, sourceFile, given, checkpoint, secret }: ResolvedParams,
  answers: Answers,
  hook: ResumeHook,
): CallbackAdapter {
  let phase: Phase = 'opening';
  let live = checkpoint === null ? null : liveRecord(checkpoint, sourceFile, given);

  const tellEvent = (...[type, param, result]: UploadFileEvent): void => {
    if (EventCallback) tell(() => EventCallback(type, param, result));
  };
  const handOut = ({ record }: LiveRecord): void => {
    remember(record, secret);
    if (ResumeCallback) tell(() => ResumeCallback(hook, record));
  };

  return {
    get live() {
      return live;
    },
    get phase() {
      return phase;
    },
    tellEvent,
    begin() {
      if (live !== null) handOut(live);
    },
    hear(event) {
      switch (event.type) {
        case 'checkpoint': {
          const isNew = event.checkpoint.uploadId !== live?.checkpoint.uploadId;
          const isFirst = live === null;
          live ??= liveRecord(event.checkpoint, sourceFile, null);
          live.follow(event.checkpoint);
          if (isNew) tellInitiated(live, answers, tellEvent);
          if (isFirst) handOut(live);
          return;
        }
        case 'part-completed':
          if (live !== null) tellPart(live, event.partNumber, event.etag, answers, tellEvent);
          return;
        case 'started':
          phase = 'sending';
          return;
        case 'completing':
          phase = 'completing';
          return;
        case 'progress':
          // Nothing sent is no progress: a speed of 0 bytes in 0 seconds is not a number.
          if (event.transferredBytes > 0 && ProgressCallback) {
            tell(() => ProgressCallback(event.transferredBytes, event.totalBytes, event.elapsedSeconds));
          }
          return;
        default:
      }
    },
    complete(result) {
      const answer = answers.take('complete');
      const response = answer !== null && answer.status < 300 ? answer : null;
      const told = succeeded(response, {
        Bucket: result.bucket,
        Key: result.key,
        Location: result.location,
        ETag: quotedEtag(result.etag),
        ...(result.versionId === null ? {} : { VersionId: result.versionId }),
        ...(request.callback === undefined ? {} : callbackOutput(response)),
      });
      if (live !== null) tellEvent('completeMultipartUploadSucceed', targetOf(live), told);
      return told;
    },
  };
}

/** What every event of a known upload is about. */
export function targetOf({ checkpoint: { bucket, key, uploadId } }: LiveRecord): {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
} {
  return { bucket, key, uploadId };
}

function tellInitiated(live: LiveRecord, answers: Answers, tellEvent: CallbackAdapter['tellEvent']): void {
  const target = targetOf(live);
  const output = { Bucket: target.bucket, Key: target.key, UploadId: target.uploadId };
  tellEvent('initiateMultipartUploadSucceed', target, succeeded(answers.take('initiate'), output));
}

function tellPart(
  live: LiveRecord,
  partNumber: number,
  etag: string,
  answers: Answers,
  tellEvent: CallbackAdapter['tellEvent'],
): void {
  const response = answers.take(partNumber);
  const param = { ...targetOf(live), partNumber, ...(etag === '' ? {} : { etag: quotedEtag(etag) }) };
  tellEvent('uploadPartSucceed', param, succeeded(response, headerOutput(response, partHeaders)));
}
