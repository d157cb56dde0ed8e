import { concat, defer, from, map, mergeMap, of, type OperatorFunction } from 'rxjs';
import { withPart, type UploadCheckpoint, type UploadedPart } from '../model/checkpoint.js';
import { buildUploadPart, readUploadPart } from '../protocol/upload-part.js';
import { done, isDone, whenDone, type Activity, type Done, type Step } from './activity.js';
import { call$ } from './call.js';
import { deferOpen } from './defer-open.js';
import { partsAtOnce, type ReadyPart } from './parts-at-once.js';
import type { Session } from './session.js';
import { probe$ } from './source-bytes.js';
import { tellPart } from './tell-part.js';
import type { Upload } from './upload.js';

/** Sends the missing parts, `taskNum` at once. Its result is the checkpoint that holds them all. */
export function transfer$(upload: Upload, { checkpoint, missing }: Session): Step<UploadCheckpoint> {
  return from(missing).pipe(
    partsAtOnce(upload, (ready) => sendPart$(upload, checkpoint.uploadId, ready)),
    withCheckpoints(checkpoint),
  );
}

/** One part: its result is what the server acknowledged. */
function sendPart$(upload: Upload, uploadId: string, { part, body, contentMd5 }: ReadyPart): Step<UploadedPart> {
  const { bucket, key, sseCustomerKey, shared } = upload;
  const { partNumber, start, end } = part;
  return deferOpen(() => {
    const args = { bucket, key, uploadId, partNumber, body, contentMd5, sseCustomerKey };
    const request = buildUploadPart(args, shared.signer.dialect);
    return call$(upload, { request, read: readUploadPart, probe$: probe$(upload, part) }).pipe(
      map(tellPart(partNumber, end - start)),
      whenDone(({ etag }) => of(done({ partNumber, size: end - start, etag }))),
    );
  });
}

/** Each acknowledged part is in the very next checkpoint, and told after it. */
function withCheckpoints(
  first: UploadCheckpoint,
): OperatorFunction<Activity | Done<UploadedPart>, Activity | Done<UploadCheckpoint>> {
  return (parts$) =>
    defer(() => {
      let checkpoint = first;
      const told$ = parts$.pipe(
        mergeMap((said): Activity[] => {
          if (!isDone(said)) return [said];
          checkpoint = withPart(checkpoint, said.value);
          return [
            { type: 'checkpoint', checkpoint },
            { type: 'part-completed', ...said.value },
          ];
        }),
      );
      return concat(
        told$,
        defer(() => of(done(checkpoint))),
      );
    });
}
