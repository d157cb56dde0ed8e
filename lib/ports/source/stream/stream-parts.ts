import { Observable } from 'rxjs';
import { toUploadErrorInfo } from '../../../model/errors/is-upload-error.js';
import { SourceError } from '../../../model/errors/errors.js';
import type { UploadedPart } from '../../../model/checkpoint/checkpoint.js';
import { MAX_PART_COUNT, partAt, type PlannedPart } from '../../../model/checkpoint/parts.js';
import type { PartsToSend } from '../streamed-source.js';
import type { GrowingSource } from '../upload-source.js';

/** The warning comes with the part that leaves room for a tenth more. */
const ALMOST_FULL = 0.9 * MAX_PART_COUNT;

/** The parts of a stream, each cut when all its bytes are there. */
export function partsOfStream(source: GrowingSource, partSize: number, uploaded: readonly UploadedPart[]): PartsToSend {
  const have = new Set(uploaded.map(({ partNumber }) => partNumber));
  const room = MAX_PART_COUNT * partSize;
  let next = 1;
  /** The part whose bytes were waited for. */
  let reachedPart = 0;
  /** Cut, but not started. */
  let cut: PlannedPart | null = null;
  let failure: unknown = null;
  let advance = (): void => undefined;

  const hasEnded = (): boolean => source.size !== null && next > 1 && (next - 1) * partSize >= source.size;
  const cutNext = (): PlannedPart | null => {
    const part = partAt(source.size ?? source.availableBytes, partSize, next);
    return source.size !== null || part.end - part.start === partSize ? part : null;
  };
  const part$ = new Observable<PlannedPart>((subscriber) => {
    let isAdvancing = false;
    let isReaching = false;
    const fail = (error: unknown): void => {
      failure = error;
      subscriber.complete();
    };
    const reachNext = (): void => {
      isReaching = true;
      const reached = (): void => {
        isReaching = false;
        reachedPart = next;
        advance();
      };
      subscriber.add(source.reach(Math.min(next * partSize, room + 1)).subscribe({ error: fail, complete: reached }));
    };
    const step = (): void => {
      if (hasEnded()) return subscriber.complete();
      if (next > MAX_PART_COUNT && source.availableBytes > room) return fail(tooLarge(partSize));
      const part = cutNext();
      const isThere = part !== null && have.has(part.partNumber);
      // Even if the stream has produced them: its bytes may be in another thread.
      if (part === null || (!isThere && reachedPart < next)) return reachNext();
      next += 1;
      if (isThere) return undefined;
      cut = part;
      return subscriber.next(part);
    };
    advance = () => {
      // What a step starts may end synchronously: a loop instead of recursion.
      if (isAdvancing) return;
      isAdvancing = true;
      while (!subscriber.closed && cut === null && !isReaching) step();
      isAdvancing = false;
    };
    advance();
  });
  return {
    part$,
    started() {
      cut = null;
      advance();
    },
    upcoming: () => (cut === null ? [] : [cut]),
    warningOf: ({ partNumber }) =>
      source.size === null && partNumber === ALMOST_FULL
        ? { type: 'warning', error: toUploadErrorInfo(almostTooLarge(partSize)) }
        : null,
    end$: new Observable((subscriber) => (failure === null ? subscriber.complete() : subscriber.error(failure))),
  };
}

function almostTooLarge(partSize: number): SourceError {
  return new SourceError(
    'source-too-large',
    `The stream has ${ALMOST_FULL} parts of ${partSize} bytes; an object can have ${MAX_PART_COUNT}. End the stream soon, ` +
      'and continue with another object.',
  );
}

function tooLarge(partSize: number): SourceError {
  return new SourceError(
    'source-too-large',
    `The stream is longer than ${MAX_PART_COUNT} parts of ${partSize} bytes, which an object cannot have; the parts stay ` +
      'on the server. Begin another object, with a larger partSize where needed.',
    { resumable: false },
  );
}
