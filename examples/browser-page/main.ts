import {
  animationFrameScheduler,
  asyncScheduler,
  auditTime,
  BehaviorSubject,
  combineLatest,
  distinctUntilChanged,
  fromEvent,
  map,
  merge,
  mergeMap,
  scan,
  startWith,
  throttleTime,
} from 'rxjs';
import { indexedDbCheckpointStore } from 'rx-obs-upload';
import { connect } from './connect.js';
import { announcementOf } from './describe.js';
import { noteInProgress } from './going-on.js';
import { intents$ } from './intents.js';
import { pageElements, type PageElements } from './page-elements.js';
import { emptyPage, isRunning, reducePage, type PageSignal, type PageState } from './page-state.js';
import { perform$ } from './perform.js';
import { createRender } from './render.js';
import { createSending, type Uploading } from './sending.js';
import { loadSettings$, type PageSettings } from './settings.js';
import { noSpeed, speed$ } from './speed.js';

/** Between two announcements to a screen reader. */
const ANNOUNCE_EVERY_MS = 2000;

/** Intents go in, signals come out; folded, they are the state; the state is shown. */
function start(page: PageElements, settings: PageSettings): void {
  const partSize = page.get('part-size', HTMLSelectElement);
  const taskNum = page.get('task-num', HTMLSelectElement);
  const uploading: Uploading = {
    obs: connect(settings),
    store: indexedDbCheckpointStore(),
    bucket: settings.bucket,
    keyPrefix: settings.keyPrefix,
    partSize: () => Number(partSize.value),
    taskNum$: fromEvent(taskNum, 'change').pipe(
      startWith(null),
      map(() => Number(taskNum.value)),
    ),
  };

  const state$ = new BehaviorSubject(emptyPage);
  const state = (): PageState => state$.value;
  const sending = createSending(uploading);
  const told$ = sending.signal$.pipe(map((told): PageSignal => ({ type: 'upload', told })));
  const performed$ = intents$(page, state).pipe(mergeMap((intent) => perform$(uploading, sending, intent, state)));
  merge(told$, performed$).pipe(scan(reducePage, emptyPage)).subscribe(state$);

  const render = createRender(page, settings.folder);
  combineLatest([state$, speed$(state$, state).pipe(startWith(noSpeed))])
    .pipe(auditTime(0, animationFrameScheduler))
    .subscribe(([now, speed]) => render(now, speed));
  state$
    .pipe(
      throttleTime(ANNOUNCE_EVERY_MS, asyncScheduler, { leading: true, trailing: true }),
      map(({ queue }) => announcementOf(queue)),
      distinctUntilChanged(),
    )
    .subscribe((text) => page.text('announcer', text));
  guardLeaving(state);

  page.text('target', `To the bucket “${settings.bucket}” at ${settings.server}`);
  page.get('choose-files', HTMLButtonElement).disabled = false;
  page.get('choose-folder', HTMLButtonElement).disabled = false;
  page.get('file-input', HTMLInputElement).disabled = false;
}

/** What has a checkpoint can be gone on with later; what has none would be lost. */
function guardLeaving(state: () => PageState): void {
  const running = (): PageState['queue']['files'] => state().queue.files.filter(({ upload }) => isRunning(upload));
  fromEvent(window, 'pagehide').subscribe(() => {
    noteInProgress(running().map(({ id }) => id));
  });
  fromEvent(window, 'beforeunload').subscribe((event) => {
    if (running().some(({ upload }) => upload.checkpoint === null)) event.preventDefault();
  });
}

const page = pageElements(document);
loadSettings$().subscribe({
  next: (settings) => start(page, settings),
  error: (error: unknown) => {
    page.text('target', `This page cannot upload: ${error instanceof Error ? error.message : String(error)}`);
  },
});
