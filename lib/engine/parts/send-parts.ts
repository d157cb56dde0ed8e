import { concat, concatMap, defer, filter, map, of, type Observable, type OperatorFunction } from 'rxjs';
import { withPart, type UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import type { PlannedPart } from '../../model/checkpoint/parts.js';
import type { CheckedTransform } from '../../ports/source/transform-parts.js';
import type { SizedSource } from '../../ports/source/upload-source.js';
import type { RequestBody } from '../../ports/transport/transport.js';
import { sizeOfBody, type ObsRequest } from '../../protocol/obs-request.js';
import type { Operation } from '../../protocol/operation.js';
import { uploadPart, type UploadPartResult } from '../../protocol/operations/upload-part.js';
import type { Call } from '../call/attempt.js';
import { requireFromService } from '../../protocol/response/response.js';
import { call$, type CallActivity } from '../call/call.js';
import type { CallContext, Cutting, Hashing, Reading, Upload } from '../upload.js';
import { deferUnlessClosed, isResult, result, type Activity, type Result, type Step } from '../step.js';
import type { Upcoming } from '../call/sign.js';
import type { Session } from '../session/session.js';
import { adaptive } from './adaptive.js';
import {
  bodyDigest$,
  combine,
  evidenceOf,
  noDigest,
  requireReceived,
  type BodyDigest,
  type EtagEvidence,
  type SentPart,
} from './body-digest.js';
import { mergeMapAtMost, mergeMapPrepared, type Concurrency } from './merge-map-at-most.js';
import { isGrowing, partsToSend, releaseAcknowledged, withGrowth, withSize } from './growing.js';
import { probe$, sliceOf, transformed$ } from './read-source.js';
import { withTrafficLimit } from './traffic-limit.js';

/** The checkpoint that holds all parts. */
export interface Transferred {
  readonly checkpoint: UploadCheckpoint;
  readonly evidence: EtagEvidence;
}

/** Sends the missing parts, `taskNum` at once. */
export function transfer$(upload: Upload, { checkpoint }: Session): Step<Transferred> {
  const { uploadId } = checkpoint;
  return withTrafficLimit(upload.trafficLimit, (limit) =>
    defer(() => {
      const { part$, started, upcoming, warningOf, end$ } = partsToSend(upload, checkpoint.parts);
      const requests = (count: number): ObsRequest[] => requestsAhead(upload, uploadId, upcoming(count), limit());
      const sent$ = part$.pipe(
        sendConcurrently(upload, (part) => {
          started();
          const warning = warningOf(part.part);
          const sent$ = sendPart$(upload, uploadId, part, limit(), requests);
          return warning === null ? sent$ : concat(of(warning), sent$);
        }),
      );
      return concat(sent$, end$).pipe(withCheckpoints(upload, checkpoint), withGrowth(upload.source));
    }),
  );
}

/** `taskNum` parts at once. With checksums, those of the next parts are computed in the meantime. */
function sendConcurrently(
  upload: Upload,
  send: (part: PreparedPart) => Step<SentPart>,
): OperatorFunction<PlannedPart, Activity | Result<SentPart>> {
  const { taskNum, checksum, transform, shared } = upload;
  const sendParts = (concurrency: Concurrency): OperatorFunction<PlannedPart, Activity | Result<SentPart>> => {
    // Not ahead: transformed parts are in memory.
    if (transform !== null) {
      return mergeMapAtMost(concurrency, (part) => prepared$(upload, transform, part).pipe(concatMap(send)));
    }
    return checksum === 'none'
      ? mergeMapAtMost(concurrency, (part) => send({ part, body: sliceOf(upload, part), digest: noDigest }))
      : mergeMapPrepared(concurrency, (part) => hashed$(upload, part), send);
  };
  return taskNum === 'auto' ? adaptive(shared.pool.max, sendParts) : sendParts(taskNum);
}

/** A part with everything that its request needs from the file. */
interface PreparedPart {
  readonly part: PlannedPart;
  readonly body: RequestBody;
  readonly digest: BodyDigest;
}

function hashed$(upload: Upload, part: PlannedPart): Observable<PreparedPart> {
  return deferUnlessClosed(() => withDigest$(upload, part, sliceOf(upload, part)));
}

function prepared$(upload: Upload, transform: CheckedTransform, part: PlannedPart): Observable<PreparedPart> {
  return transformed$(upload, transform, part).pipe(concatMap((body) => withDigest$(upload, part, body)));
}

function withDigest$(
  upload: Hashing & Pick<Upload, 'checksum'>,
  part: PlannedPart,
  body: RequestBody,
): Observable<PreparedPart> {
  return bodyDigest$(upload, body).pipe(map((digest) => ({ part, body, digest })));
}

/** Sends the first part again with other bytes, after all parts; it is part of completing. */
export function resendPart$(upload: Upload, uploadId: string, source: SizedSource): Step<SentPart> {
  const part = { partNumber: 1, start: 0, end: source.size };
  const { transform } = upload;
  const whole = { ...upload, source, size: source.size };
  const body$ = transform === null ? of(sliceOf(whole, part)) : transformed$(whole, transform, part);
  return withTrafficLimit(upload.trafficLimit, (limit) =>
    body$.pipe(
      concatMap((body) => withDigest$(upload, part, body)),
      concatMap((prepared) => sendPart$(whole, uploadId, prepared, limit(), () => [])),
      filter((activity) => isResult(activity) || activity.type === 'retrying' || activity.type === 'waiting'),
    ),
  );
}

/** Sends one part; the result is what the server acknowledged. */
function sendPart$(
  upload: CallContext & Reading & PartRequest,
  uploadId: string,
  prepared: PreparedPart,
  trafficLimit: number | null,
  upcoming: Upcoming,
): Step<SentPart> {
  const { part, body, digest } = prepared;
  const { contentMd5, checksum } = digest;
  const { partNumber } = part;
  const size = sizeOfBody(body);
  const { request, read } = operationOf(upload, uploadId, prepared, trafficLimit);
  const readPart: Call<SentPart>['read'] = (response, context) => {
    const stored = read(response, context);
    // The bytes of a stream are released then; a file can send the part again if it is not in the list.
    if (isGrowing(upload.source)) requireFromService(upload.shared.transport, stored, response, context);
    const { etag, checksums } = stored;
    requireReceived(checksums, checksum);
    return { part: { partNumber, size, etag, ...(checksum && { checksum }) }, evidence: evidenceOf(etag, contentMd5) };
  };
  return call$(upload, { request, upcoming, read: readPart, probe$: probe$(upload, part) }).pipe(
    map(asPartActivity(partNumber, size)),
  );
}

/** Maps the activities of a call to those of the part that it sends. */
export function asPartActivity<R>(
  partNumber: number,
  size: number,
): (activity: CallActivity | Result<R>) => Activity | Result<R> {
  return (activity) => {
    if (isResult(activity)) return activity;
    switch (activity.type) {
      case 'attempt-started':
        return { type: 'part-started', partNumber, size, attempt: activity.attempt };
      case 'upload-progress':
        return { type: 'bytes-sent', partNumber, loadedBytes: activity.loadedBytes };
      default:
        return activity;
    }
  };
}

/** None with checksums and transformations: what they return is not known ahead of time. */
function requestsAhead(
  upload: Reading & PartRequest & Pick<Upload, 'checksum' | 'transform'>,
  uploadId: string,
  parts: readonly PlannedPart[],
  trafficLimit: number | null,
): ObsRequest[] {
  if (upload.checksum !== 'none' || upload.transform !== null) return [];
  try {
    return parts.map((part) => {
      const prepared = { part, body: sliceOf(upload, part), digest: noDigest };
      return operationOf(upload, uploadId, prepared, trafficLimit).request;
    });
  } catch {
    // A problem with the file becomes the error of the part that is sent then.
    return [];
  }
}

/** What the requests of all parts have. */
type PartRequest = Pick<Upload, 'bucket' | 'key' | 'sseCustomerKey' | 'object' | 'shared'>;

function operationOf(
  { bucket, key, sseCustomerKey, object, shared }: PartRequest,
  uploadId: string,
  { part: { partNumber }, body, digest }: PreparedPart,
  trafficLimit: number | null,
): Operation<UploadPartResult> {
  const headers = object.headers?.part;
  const args = { bucket, key, uploadId, partNumber, body, ...digest, sseCustomerKey, trafficLimit, headers };
  return uploadPart(args, shared.signer.dialect);
}

/** Adds each acknowledged part to the next checkpoint, and the size of a stream once it has ended. */
function withCheckpoints(
  upload: Cutting,
  first: UploadCheckpoint,
): OperatorFunction<Activity | Result<SentPart>, Activity | Result<Transferred>> {
  return (parts$) =>
    defer(() => {
      let checkpoint = first;
      let evidence: EtagEvidence = 'unknown';
      const activity$ = parts$.pipe(
        map((activity): Activity => {
          if (!isResult(activity)) return activity;
          const { part } = activity.value;
          checkpoint = withSize(upload.source, withPart(checkpoint, part));
          evidence = combine(evidence, activity.value.evidence);
          return { type: 'part-acknowledged', part, checkpoint };
        }),
      );
      const end$ = defer(() => {
        const last = withSize(upload.source, checkpoint);
        const transferred = result({ checkpoint: last, evidence });
        return last === checkpoint
          ? of(transferred)
          : of<(Activity | Result<Transferred>)[]>({ type: 'checkpoint', checkpoint: last }, transferred);
      });
      return concat(activity$.pipe(releaseAcknowledged(upload)), end$);
    });
}
