import type { UploadEvent } from 'rx-obs-upload';
import type { FakeObs } from 'rx-obs-upload/testing';
import type { Recording } from './virtual-time.js';

/** Something that must hold in every run does not; the numbers are those of the design's laws. */
export class LawBroken extends Error {
  override readonly name = 'LawBroken';
}

/** Cheaper than `expect`, which matters in a hundred thousand checks. */
export function law(number: number, holds: boolean, what: string): asserts holds {
  if (!holds) throw new LawBroken(`Law ${number} is broken: ${what}`);
}

const beforeStarted = new Set<UploadEvent['type']>(['waiting', 'hashing', 'retrying', 'warning', 'restarted']);

/** Order and progress (laws 2, 4, 5 and 6): what holds for every stream of events, however it ends. */
export function expectLaws({ values, completed }: Recording<UploadEvent>): void {
  let mayStart = true;
  let hasStarted = false;
  let shown: number | null = null;
  let lost = 0;
  let total: number | null = null;
  let hasCheckpoint = false;
  let acknowledged = new Set<number>();
  values.forEach((event, i) => {
    law(2, hasStarted || event.type === 'started' || beforeStarted.has(event.type), `${event.type} before started`);
    switch (event.type) {
      case 'started':
        law(2, mayStart, 'started twice');
        [hasStarted, mayStart, total] = [true, false, event.totalBytes];
        break;
      case 'restarted':
        [mayStart, lost] = [true, event.lostBytes];
        break;
      case 'progress':
        law(5, total === null || event.totalBytes === total, 'the total changes');
        total = event.totalBytes;
        law(5, event.transferredBytes <= event.availableBytes, 'more is sent than there is');
        law(5, event.availableBytes <= (total ?? Infinity), `${event.availableBytes} of ${total} bytes`);
        law(5, shown === null || event.transferredBytes >= shown - lost, 'progress falls');
        law(6, event.elapsedSeconds >= 0 && (event.bytesPerSecond ?? 0) >= 0, 'time runs backwards');
        [shown, lost] = [event.transferredBytes, 0];
        break;
      case 'checkpoint':
        hasCheckpoint = true;
        acknowledged = new Set(event.checkpoint.parts.map((part) => part.partNumber));
        law(4, acknowledged.size === event.checkpoint.parts.length, 'a checkpoint names a part twice');
        break;
      case 'part-completed':
        law(4, !hasCheckpoint || acknowledged.has(event.partNumber), `part ${event.partNumber} in no checkpoint`);
        break;
      case 'completing':
        law(5, shown === total, `${shown} of ${total} bytes are shown before completing`);
        break;
      case 'completed':
        law(2, i === values.length - 1, 'something follows completed');
        law(5, shown === total, `${shown} of ${total} bytes are shown when all is done`);
        break;
      default:
    }
  });
  law(2, !completed || values.at(-1)?.type === 'completed', 'a stream that completes without completed');
}

/** What the service received (laws 3 and 9): no abort, no request left open, no more concurrency than allowed. */
export function expectBounds(
  fake: FakeObs,
  { taskNum, maxConcurrentRequests }: { readonly taskNum: number; readonly maxConcurrentRequests: number },
): void {
  law(3, fake.inFlight() === 0, 'a request is left in flight');
  law(3, fake.arrivals('abortMultipartUpload').length === 0, 'an upload is aborted');
  law(9, fake.maxInFlight('uploadPart') <= taskNum, `${fake.maxInFlight('uploadPart')} parts at once`);
  law(9, fake.maxInFlight() <= maxConcurrentRequests, `${fake.maxInFlight()} requests at once`);
}

/** Law 13: an application sees neither a secret nor a signature, not even in the causes of an error. */
export function expectNoSecret({ values, error }: Recording<UploadEvent>, secrets: readonly string[]): void {
  for (const text of textsIn([values, error])) {
    law(13, !secrets.some((secret) => text.includes(secret)), 'a secret is shown');
    law(13, !/Authorization|Signature=|OBS \w+:/.test(text), `a signature is shown: ${text}`);
  }
}

function* textsIn(value: unknown, seen = new Set<object>()): Generator<string> {
  if (typeof value === 'string') yield value;
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Error) yield* textsIn([value.message, value.stack, value.cause], seen);
  for (const inner of Object.values(value)) yield* textsIn(inner, seen);
}
