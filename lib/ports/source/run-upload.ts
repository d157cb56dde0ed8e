import { concat, defer, EMPTY, finalize, ignoreElements, Observable, tap } from 'rxjs';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import type { StoreError } from '../../model/errors/errors.js';
import type { UploadWarning } from '../../model/upload/event.js';
import { partCountOf } from '../../model/checkpoint/parts.js';
import { finalFirstPart$ } from './final-first-part.js';
import type { StreamedSource, StreamPlan } from './streamed-source.js';

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
