import { toUploadSnapshot, type UploadEvent, type UploadSnapshot } from 'rx-obs-upload';
import { distinctUntilChanged, map, merge, of, switchMap, type Observable } from 'rxjs';

/** What a page shows of an upload. */
export interface UploadView {
  readonly text: string;
  readonly percent: number;
}

/** What people do on the page. */
export interface Intents<T> {
  /** Another file takes the place of the one before. */
  readonly start$: Observable<T>;
  readonly cancel$: Observable<unknown>;
}

/** The pipeline under test: intents in, views out. `upload` comes from outside, so that a test can put marbles there. */
export function uploadViews$<T>(
  { start$, cancel$ }: Intents<T>,
  upload: (file: T) => Observable<UploadEvent>,
): Observable<UploadView> {
  return merge(
    start$.pipe(map((file) => upload(file).pipe(toUploadSnapshot(), map(viewOf)))),
    cancel$.pipe(map(() => of(cancelled))),
  ).pipe(
    switchMap((view$) => view$),
    distinctUntilChanged((a, b) => a.text === b.text && a.percent === b.percent),
  );
}

const cancelled: UploadView = { text: 'cancelled', percent: 0 };

function viewOf({ status, fraction, error }: UploadSnapshot): UploadView {
  return { text: error === null ? status : `${status}: ${error.code}`, percent: Math.round((fraction ?? 0) * 100) };
}
