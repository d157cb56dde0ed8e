import { concat, defer, from, map, of, type OperatorFunction } from 'rxjs';
import { withPart, type UploadCheckpoint } from '../../model/checkpoint.js';
import type { PlannedPart } from '../../model/parts.js';
import type { ObsRequest } from '../../protocol/obs-request.js';
import { buildUploadPart, readUploadPart } from '../../protocol/upload-part.js';
import type { RequestBody } from '../../ports/transport/transport.js';
import { done, isDone, type Activity, type Done, type Step } from '../step.js';
import { call$, type Call } from '../call/call.js';
import { partsAtOnce, type ReadyPart, type SentPart } from './parts-at-once.js';
import type { Session } from '../session/session.js';
import type { Upcoming } from '../call/sign.js';
import { probe$, sliceOf } from './read-source.js';
import { combine, evidenceOf, type EtagEvidence } from './etag-evidence.js';
import { tellPart } from './tell-part.js';
import type { Upload } from '../upload.js';

/** The checkpoint that holds all parts. */
export interface Transferred {
  readonly checkpoint: UploadCheckpoint;
  readonly evidence: EtagEvidence;
}

/** Sends the missing parts, `taskNum` at once. */
export function transfer$(upload: Upload, { checkpoint, missing }: Session): Step<Transferred> {
  const { uploadId } = checkpoint;
  return defer(() => {
    let begun = 0;
    const upcoming = (most: number): ObsRequest[] =>
      requestsAhead(upload, uploadId, missing.slice(begun, begun + most));
    return from(missing).pipe(
      partsAtOnce(upload, (ready) => {
        begun++;
        return sendPart$(upload, uploadId, ready, upcoming);
      }),
      withCheckpoints(checkpoint),
    );
  });
}

/** One part: its result is what the server acknowledged. */
function sendPart$(upload: Upload, uploadId: string, ready: ReadyPart, upcoming: Upcoming): Step<SentPart> {
  const { part, body, contentMd5 } = ready;
  const { partNumber, start, end } = part;
  const size = end - start;
  const request = requestOf(upload, uploadId, part, body, contentMd5);
  const read: Call<SentPart>['read'] = (response, context) => {
    const { etag } = readUploadPart(response, context);
    return { part: { partNumber, size, etag }, evidence: evidenceOf(etag, contentMd5) };
  };
  return call$(upload, { request, upcoming, read, probe$: probe$(upload, part) }).pipe(map(tellPart(partNumber, size)));
}

/** None where each part's MD5 goes with it: that is not known ahead. */
function requestsAhead(upload: Upload, uploadId: string, parts: readonly PlannedPart[]): ObsRequest[] {
  if (upload.checksum === 'md5') return [];
  try {
    return parts.map((part) => requestOf(upload, uploadId, part, sliceOf(upload, part), null));
  } catch {
    // What is wrong with the file its parts say when it is their turn.
    return [];
  }
}

function requestOf(
  { bucket, key, sseCustomerKey, shared }: Upload,
  uploadId: string,
  { partNumber }: PlannedPart,
  body: RequestBody,
  contentMd5: Uint8Array | null,
): ObsRequest {
  const args = { bucket, key, uploadId, partNumber, body, contentMd5, sseCustomerKey };
  return buildUploadPart(args, shared.signer.dialect);
}

/** Each acknowledged part is in the very next checkpoint. */
function withCheckpoints(
  first: UploadCheckpoint,
): OperatorFunction<Activity | Done<SentPart>, Activity | Done<Transferred>> {
  return (parts$) =>
    defer(() => {
      let checkpoint = first;
      let evidence: EtagEvidence = 'unknown';
      const told$ = parts$.pipe(
        map((said): Activity => {
          if (!isDone(said)) return said;
          const { part } = said.value;
          checkpoint = withPart(checkpoint, part);
          evidence = combine(evidence, said.value.evidence);
          return { type: 'part-acknowledged', part, checkpoint };
        }),
      );
      return concat(
        told$,
        defer(() => of(done({ checkpoint, evidence }))),
      );
    });
}
