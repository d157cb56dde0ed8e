import { concat, defer, EMPTY, finalize, ignoreElements, map, Observable, tap } from 'rxjs';
import { isUploadError, toUploadErrorInfo } from '../../../model/errors/is-upload-error.js';
import { InvalidOptionsError, SourceError, type StoreError } from '../../../model/errors/errors.js';
import type { UploadWarning } from '../../../model/upload/event.js';
import { MIN_PART_SIZE, partCountOf } from '../../../model/checkpoint/parts.js';
import type { StreamedSource, StreamPlan } from '../streamed-source.js';
import { mapError } from '../../../map-error.js';
import { isBlob, isBytes } from '../../../model/kinds.js';
import { firstValue$ } from '../../from-port.js';
import type { GrowingSource } from '../upload-source.js';

/**
 * Runs an upload of a stream, which is used by one upload at a time, and may have to produce more than one part before
 * it is known that one PUT is not enough.
 */
export function runUpload<U extends StreamPlan, A extends { readonly type: string }>(
  source: StreamedSource,
  upload: U,
  run: (planned: U) => Observable<A>,
): Observable<A | UploadWarning> {
  return defer(() => {
    const release = source.claim();
    const activity$ = concat(
      waitForPlan$(upload, source),
      defer(() => finalizeOnlyPart$(planned(upload, source), source)),
      defer(() => run(planned(upload, source))),
    );
    return withWarnings(source, activity$).pipe(
      tap({
        // Before the subscriber is notified, who may begin the next upload then.
        next: (activity) => {
          if (activity.type === 'completed') source.finish();
        },
        complete: release,
        error: release,
      }),
      finalize(release),
    );
  });
}

function withWarnings<A>({ warning$ }: StreamedSource, activity$: Observable<A>): Observable<A | UploadWarning> {
  return new Observable((subscriber) => {
    const warn = (error: StoreError): void => subscriber.next({ type: 'warning', error: toUploadErrorInfo(error) });
    subscriber.add(warning$.subscribe(warn));
    activity$.subscribe(subscriber);
  });
}

function waitForPlan$({ isSinglePut, partSize }: StreamPlan, source: StreamedSource): Observable<never> {
  return source.reach(isSinglePut && hasAllBytes(source) ? partSize + 1 : 0);
}

/** No part of it is on the server, and a single PUT, which a reload would lose, is allowed. */
function hasAllBytes({ acknowledged, isSpooled }: StreamedSource): boolean {
  return acknowledged.length === 0 && !isSpooled;
}

function finalizeOnlyPart$(
  { isSinglePut, size, stallTimeoutMs }: StreamPlan,
  source: StreamedSource,
): Observable<never> {
  if (!isSinglePut || size === null) return EMPTY;
  return finalFirstPart$(source, size, stallTimeoutMs).pipe(
    tap((blob) => source.replace(blob)),
    ignoreElements(),
  );
}

function planned<U extends StreamPlan>(upload: U, source: StreamedSource): U {
  const { size } = source;
  const partCount = size === null ? null : partCountOf(size, upload.partSize);
  const isSinglePut = upload.isSinglePut && partCount === 1 && hasAllBytes(source);
  return { ...upload, size, partCount, isSinglePut };
}

/** What `finalize` makes of the first part, checked. */
export function finalFirstPart$(source: GrowingSource, size: number, withinMs: number): Observable<Blob> {
  const { finalize, type } = source;
  if (finalize === null) return EMPTY;
  const firstPart = (): Blob => {
    const body = source.slice(0, size) as Blob | Uint8Array<ArrayBuffer>;
    return isBytes(body) || body.type !== type ? new Blob([body], { type }) : body;
  };
  const final$ = firstValue$(() => finalize(firstPart()), {
    port: 'finalize',
    withinMs,
    silent: () => new Error('finalize took too long.'),
    empty: () => new Error('finalize completed without a Blob.'),
  });
  return concat(source.reach(size), final$).pipe(
    mapError(failed),
    map((blob) => {
      if (!isBlob(blob)) throw failed(new TypeError('finalize must return a Blob.'));
      if (blob.size < MIN_PART_SIZE && source.availableBytes > size) throw tooSmall();
      return blob.slice(0, blob.size, '');
    }),
  );
}

function failed(cause: unknown): unknown {
  if (isUploadError(cause)) return cause;
  const message =
    'The first part could not be replaced: finalize failed. All parts are on the server; resume to try again.';
  return new SourceError('source-unreadable', message, { cause });
}

function tooSmall(): InvalidOptionsError {
  return new InvalidOptionsError(
    'finalize',
    `finalize must return at least ${MIN_PART_SIZE} bytes: stores refuse smaller parts that are not the last one.`,
  );
}
