import type { RequestRecord, Transport } from 'rx-obs-upload';
import { createFakeObs, type FaultRule, type ObsOperation } from 'rx-obs-upload/testing';
import { defer } from 'rxjs';
import { kinds } from '../support/fault-kinds.js';
import { PART, uploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually } from '../support/virtual-time.js';

interface Outcome {
  readonly sends: number;
  readonly records: readonly RequestRecord[];
}

/** Uploads with these faults, optionally cancels at a given time, and counts the requests sent. */
function runUpload(faults: readonly FaultRule[], cancelAtMs: number | null = null): Outcome {
  const { transport, credentials } = createFakeObs({ latencyMs: 10, bytesPerSecond: 1024 * 1000, faults });
  let sends = 0;
  const counting: Transport = {
    reportsProgress: true,
    send: (request) =>
      defer(() => {
        sends++;
        return transport.send(request);
      }),
  };
  const world = uploadWorld({}, { transport: counting, credentials, maxConcurrentRequests: 2 });
  const records: RequestRecord[] = [];
  world.obs.requests$.subscribe((ended) => records.push(ended));
  runVirtually(() => {
    const upload = record(world.upload({ taskNum: 3 }));
    if (cancelAtMs !== null) at(cancelAtMs, () => upload.unsubscribe());
    return upload;
  });
  return { sends, records };
}

function expectRecords({ sends, records }: Outcome): void {
  expect(records).toHaveLength(sends);
  for (const { sentBytes, queuedMs, durationMs, attempt, status, errorCode } of records) {
    expect(sentBytes).toBeGreaterThanOrEqual(0);
    expect(sentBytes).toBeLessThanOrEqual(PART);
    expect(Math.min(queuedMs, durationMs)).toBeGreaterThanOrEqual(0);
    expect(attempt).toBeGreaterThanOrEqual(1);
    if (errorCode === null) expect(status).toBeGreaterThanOrEqual(200);
    if (errorCode === 'aborted' || errorCode === 'network' || errorCode === 'stalled') expect(status).toBeNull();
  }
  expect(JSON.parse(JSON.stringify(records))).toEqual(records);
}

const operations: readonly ObsOperation[] = ['initiateMultipartUpload', 'uploadPart', 'completeMultipartUpload'];

describe('each request sent has exactly one record', () => {
  it.each(kinds.map((kind) => [kind.name, kind] as const))('whatever the fault: %s', (_, kind) => {
    for (const operation of operations.filter(kind.concerns)) {
      expectRecords(runUpload(kind.build({ times: operation === 'uploadPart' ? 3 : 1 }, operation)));
    }
  });

  it('whenever the upload is cancelled', () => {
    for (let ms = 0; ms < 700; ms += 23) expectRecords(runUpload([], ms));
  });
});
