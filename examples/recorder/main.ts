import {
  combineLatest,
  filter,
  fromEvent,
  map,
  merge,
  mergeMap,
  share,
  shareReplay,
  startWith,
  type Observable,
} from 'rxjs';
import { pageElements, type PageElements } from '../browser-page/page-elements.js';
import { connect, loadSettings$, type PageSettings } from '../browser-page/settings.js';
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
  const problem$ = uploads.problem$.pipe(startWith(null));
  combineLatest({ take: take$, state: uploads.state$, isOnline: isOnline$, problem: problem$ }).subscribe(
    createRender(page, settings.folder),
  );

  actions$(page, 'files').subscribe(({ action, id }) => {
    if (action === 'retry' || action === 'remove') uploads[action](id);
  });
  actions$(page, 'unfinished-list').subscribe(({ action, id }) => {
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

interface RowAction {
  readonly action: string;
  readonly id: string;
}

function actions$(page: PageElements, listId: string): Observable<RowAction> {
  return clicks$(page, listId).pipe(
    mergeMap(({ target }) => {
      const button = target instanceof Element ? target.closest('button') : null;
      return button === null ? [] : [{ action: button.dataset.action ?? '', id: button.dataset.id ?? '' }];
    }),
  );
}

function clicks$(page: PageElements, id: string): Observable<Event> {
  return fromEvent(page.get(id, HTMLElement), 'click');
}

const page = pageElements(document);
loadSettings$().subscribe({
  next: (settings) => start(page, settings),
  error: (error: unknown) => {
    page.text('target', `This page cannot upload: ${error instanceof Error ? error.message : String(error)}`);
  },
});
