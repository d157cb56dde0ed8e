import { EMPTY, from, Observable } from 'rxjs';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import { SourceError } from '../../model/errors/source-error.js';
import type { UploadedPart } from '../../model/checkpoint.js';
import type { UploadWarning } from '../../model/event.js';
import { MAX_PART_COUNT } from '../../model/limits.js';
import { partAt, planParts, type PlannedPart } from '../../model/parts.js';
import { missingParts } from '../../model/reconcile.js';
import type { GrowingSource } from '../../ports/source/upload-source.js';
import type { Upload } from '../upload.js';
import { isGrowing } from './growing.js';

/** The parts that the server does not have, in order. */
export interface PartsToSend {
  /** Of a stream each as soon as its bytes are there: one part ahead of those that were started. */
  readonly part$: Observable<PlannedPart>;
  /** A part is being sent: the next one may be produced. */
  readonly started: () => void;
  /** The next ones, as far as they are known. */
  readonly upcoming: (limit: number) => readonly PlannedPart[];
  /** Completes, or fails if more parts were to come. */
  readonly end$: Observable<never>;
}

export function partsToSend(upload: Upload, uploaded: readonly UploadedPart[]): PartsToSend {
  const { source } = upload;
  if (isGrowing(source)) return partsOfStream(source, upload.partSize, uploaded);
  const missing = missingParts(knownParts(upload), uploaded);
  let started = 0;
  return {
    part$: from(missing),
    started: () => {
      started += 1;
    },
    upcoming: (limit) => missing.slice(started, started + limit),
    end$: EMPTY,
  };
}

/** The parts that have all their bytes: of a file all of them. */
export function knownParts({ source, size, partSize }: Upload): readonly PlannedPart[] {
  if (!isGrowing(source)) return planParts(size ?? source.size, partSize);
  if (source.size !== null) return planParts(source.size, partSize);
  const full = Math.floor(source.availableBytes / partSize);
  return Array.from({ length: full }, (_, i) => partAt(source.availableBytes, partSize, i + 1));
}

function partsOfStream(source: GrowingSource, partSize: number, uploaded: readonly UploadedPart[]): PartsToSend {
  const have = new Set(uploaded.map(({ partNumber }) => partNumber));
  const room = MAX_PART_COUNT * partSize;
  let next = 1;
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
        advance();
      };
      subscriber.add(source.reach(Math.min(next * partSize, room + 1)).subscribe({ error: fail, complete: reached }));
    };
    const step = (): void => {
      if (hasEnded()) return subscriber.complete();
      if (next > MAX_PART_COUNT && source.availableBytes > room) return fail(tooLarge(partSize));
      const part = cutNext();
      if (part === null) return reachNext();
      next += 1;
      if (have.has(part.partNumber)) return undefined;
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
    end$: new Observable((subscriber) => (failure === null ? subscriber.complete() : subscriber.error(failure))),
  };
}

/** Emitted with the part that leaves room for a tenth more. */
const ALMOST_FULL = 0.9 * MAX_PART_COUNT;

/** A warning if a stream is about to outgrow what an object can have. */
export function warningOf({ source, partSize }: Upload, { partNumber }: PlannedPart): UploadWarning | null {
  if (!isGrowing(source) || source.size !== null || partNumber !== ALMOST_FULL) return null;
  return { type: 'warning', error: toUploadErrorInfo(almostTooLarge(partSize)) };
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
