// The fakes are typed as strictly as what they replace.
import type { UploadCheckpoint, UploadProgress, UploadNotification } from 'rx-obs-upload';
import {
  answers,
  checkpointOf,
  createFakeObs,
  createTestTransport,
  events,
  on,
  snapshotOf,
} from 'rx-obs-upload/testing';
import { expectSame } from './expect-same.js';

export function built(): readonly UploadNotification[] {
  const progress = events.progress({ transferredBytes: 5 });
  expectSame<typeof progress, UploadProgress>();
  expectSame<ReturnType<typeof checkpointOf>, UploadCheckpoint>();
  // @ts-expect-error - a typing error in a field
  events.progress({ transferedBytes: 5 });
  // @ts-expect-error - a text is not a number
  events.progress({ transferredBytes: '5' });
  // @ts-expect-error - the type is the builder's
  events.progress({ type: 'completed' });
  // @ts-expect-error - no such event
  events.stopped();
  // @ts-expect-error - a field of no checkpoint
  checkpointOf({ etag: 'x' });
  // @ts-expect-error - what is no signal makes no snapshot
  snapshotOf({ type: 'stopped' });
  return [progress, events.failed(), events.paused({ checkpoint: null })];
}

export function answered(): void {
  const transport = createTestTransport();
  const request = transport.expectOne({ operation: 'uploadPart', partNumber: 2 });
  request.respond(answers.refused(503, 'SlowDown'));
  request.respond(200, { headers: { etag: '"x"' } });
  transport.expectNone(({ size }) => size > 5);
  // @ts-expect-error - no such operation
  transport.expectOne('uploadParts');
  // @ts-expect-error - no such field
  transport.match({ part: 2 });
  // @ts-expect-error - the status is given already
  request.respond(200, { status: 300 });
  // @ts-expect-error - how a request stands follows from what happens to it
  request.state = 'answered';
}

export function faults(): void {
  createFakeObs({ faults: [on('uploadPart', { partNumber: 3, times: Infinity }).respond(503, 'SlowDown')] });
  // @ts-expect-error - no such operation
  on('uploadParts');
  // @ts-expect-error - no such point in a request
  on('any').stall('somewhere');
}
