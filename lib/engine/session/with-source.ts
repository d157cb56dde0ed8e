import { concat, defer, EMPTY, finalize, ignoreElements, Observable, tap } from 'rxjs';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import type { StoreError } from '../../model/errors/store-error.js';
import { partCountOf } from '../../model/parts.js';
import type { StreamedSource } from '../../ports/source/streamed-source.js';
import type { Activity } from '../step.js';
import type { SizedUpload, Upload } from '../upload.js';
import { isGrowing } from '../parts/growing.js';

/**
 * Runs an upload with its source. A stream is used by one upload at a time, and may have to produce more than one part
 * before it is known that one PUT is not enough.
 */
export function withSource(upload: Upload, run: (upload: Upload) => Observable<Activity>): Observable<Activity> {
  const { source } = upload;
  if (!isGrowing(source)) return run(upload);
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

function withWarnings({ warning$ }: StreamedSource, activity$: Observable<Activity>): Observable<Activity> {
  return new Observable((subscriber) => {
    const warn = (error: StoreError): void => subscriber.next({ type: 'warning', error: toUploadErrorInfo(error) });
    subscriber.add(warning$.subscribe(warn));
    activity$.subscribe(subscriber);
  });
}

/** Whether the file is sent as one PUT. */
export function isSinglePut(upload: Upload): upload is SizedUpload {
  return upload.isSinglePut;
}

function waitForPlan$({ isSinglePut, partSize }: Upload, source: StreamedSource): Observable<never> {
  return source.reach(isSinglePut && hasAllBytes(source) ? partSize + 1 : 0);
}

/** No part of it is on the server, and a single PUT, which a reload would lose, is allowed. */
function hasAllBytes({ acknowledged, isSpooled }: StreamedSource): boolean {
  return acknowledged.length === 0 && !isSpooled;
}

function finalizeOnlyPart$(upload: Upload, source: StreamedSource): Observable<never> {
  if (!isSinglePut(upload)) return EMPTY;
  return source.finalFirstPart$(upload.size, upload.stallTimeoutMs).pipe(
    tap((blob) => source.replace(blob)),
    ignoreElements(),
  );
}

function planned(upload: Upload, source: StreamedSource): Upload {
  const { size } = source;
  const partCount = size === null ? null : partCountOf(size, upload.partSize);
  const isSinglePut = upload.isSinglePut && partCount === 1 && hasAllBytes(source);
  return { ...upload, size, partCount, isSinglePut };
}
