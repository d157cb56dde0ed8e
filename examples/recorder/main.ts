import { combineLatest, filter, fromEvent, map, merge, share, shareReplay, startWith, type Observable } from 'rxjs';
import { buttons$, clicks$ } from '../browser-page/clicks.js';
import type { PageElements } from '../browser-page/page-elements.js';
import { connect, startPage, type PageSettings } from '../browser-page/settings.js';
import { takes$, type Take } from './take.js';
import { createUploads, type Uploads } from './uploads.js';
import { createRender } from './view.js';
import { keyOf } from './words.js';

function start(page: PageElements, settings: PageSettings): void {
  const uploads = createUploads(connect(settings), settings.bucket);
  const take$ = recorder$(page, uploads, settings.keyPrefix);
  const isOnline$ = merge(fromEvent(window, 'online'), fromEvent(window, 'offline')).pipe(
    startWith(null),
    map(() => navigator.onLine),
  );
  const { state$, problem$, awaited$ } = uploads;
  combineLatest({
    take: take$,
    state: state$,
    isOnline: isOnline$,
    problem: problem$.pipe(startWith(null)),
    awaited: awaited$,
  }).subscribe(createRender(page, settings.folder));

  buttons$(page, 'files').subscribe(({ dataset: { action, id = '' } }) => {
    if (action === 'retry' || action === 'remove') uploads[action](id);
  });
  buttons$(page, 'unfinished-list').subscribe(({ dataset: { action, id = '' } }) => {
    if (action === 'complete' || action === 'discard') uploads[action](id);
  });
  page.text('target', `To the bucket “${settings.bucket}” at ${settings.server}, while it is recorded`);
  page.get('record', HTMLButtonElement).disabled = false;
}

/** What the recorder does, by its buttons. */
function recorder$(page: PageElements, uploads: Uploads, keyPrefix: string): Observable<Take> {
  const click$ = clicks$(page, 'record').pipe(share());
  const choice = (): { origin: 'camera' | 'screen'; withSound: boolean } => ({
    origin: page.get('screen', HTMLInputElement).checked ? 'screen' : 'camera',
    withSound: page.get('sound', HTMLInputElement).checked,
  });
  const take$ = takes$(click$, choice, (recording) => {
    const partSize = Number(page.get('part-size', HTMLSelectElement).value);
    uploads.add(recording, keyOf(keyPrefix, recording.type, new Date()), partSize);
  }).pipe(shareReplay({ bufferSize: 1, refCount: true }));

  let current: Take | null = null;
  take$.subscribe((take) => (current = take));
  const active = (): Take['recording'] =>
    current?.phase === 'recording' || current?.phase === 'paused' ? current.recording : null;
  click$.subscribe(() => active()?.stop());
  clicks$(page, 'pause').subscribe(() => active()?.pauseOrResume());
  // What was recorded stays, but nobody wants to end a recording by mistake.
  fromEvent(window, 'beforeunload')
    .pipe(filter(() => active() !== null))
    .subscribe((event) => event.preventDefault());
  return take$;
}

startPage(start);
