import { map, type Observable, type OperatorFunction } from 'rxjs';
import type { UploadedPart } from '../../model/checkpoint.js';
import type { PlannedPart } from '../../model/parts.js';
import type { RequestBody } from '../../ports/transport/transport.js';
import type { Activity, Done, Step } from '../step.js';
import { atOnceAhead } from './at-once-ahead.js';
import { atOnce, type Width } from './at-once.js';
import { autoWidth } from './auto-width.js';
import { deferOpen } from '../call/defer-open.js';
import { md5$ } from './digest.js';
import type { EtagEvidence } from './etag-evidence.js';
import { sliceOf } from './read-source.js';
import type { Upload } from '../upload.js';

/** A part with all that its request needs of the file. */
export interface ReadyPart {
  readonly part: PlannedPart;
  readonly body: RequestBody;
  readonly contentMd5: Uint8Array | null;
}

/** A part that the server acknowledged. */
export interface SentPart {
  readonly part: UploadedPart;
  readonly evidence: EtagEvidence;
}

/** Sends parts, `taskNum` at once; the checksums of the next ones are made meanwhile, where they go with them. */
export function partsAtOnce(
  upload: Upload,
  send: (ready: ReadyPart) => Step<SentPart>,
): OperatorFunction<PlannedPart, Activity | Done<SentPart>> {
  const { taskNum, checksum, shared } = upload;
  const sendAtOnce = (width: Width): OperatorFunction<PlannedPart, Activity | Done<SentPart>> =>
    checksum === 'md5'
      ? atOnceAhead(width, (part) => hashed$(upload, part), send)
      : atOnce(width, (part) => deferOpen(() => send({ part, body: sliceOf(upload, part), contentMd5: null })));
  return taskNum === 'auto' ? autoWidth(shared.pool.max, sendAtOnce) : sendAtOnce(taskNum);
}

function hashed$(upload: Upload, part: PlannedPart): Observable<ReadyPart> {
  return deferOpen(() => {
    const body = sliceOf(upload, part);
    return md5$(upload, body).pipe(map((contentMd5) => ({ part, body, contentMd5 })));
  });
}
