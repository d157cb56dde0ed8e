import {
  animationFrameScheduler,
  asyncScheduler,
  auditTime,
  BehaviorSubject,
  distinctUntilChanged,
  fromEvent,
  map,
  scan,
  startWith,
  switchMap,
  throttleTime,
} from 'rxjs';
import { connect } from './connect.js';
import { announcementOf } from './describe.js';
import { intents$ } from './intents.js';
import { keptCheckpoints } from './kept-checkpoints.js';
import { pageElements, type PageElements } from './page-elements.js';
import { emptyPage, reducePage } from './page-state.js';
import { perform, type Uploading } from './perform.js';
import { createRender } from './render.js';
import { loadSettings$, type PageSettings } from './settings.js';

/** Between two announcements to a screen reader. */
const ANNOUNCE_EVERY_MS = 2000;

function start(page: PageElements, settings: PageSettings): void {
  const partSize = page.get('part-size', HTMLSelectElement);
  const taskNum = page.get('task-num', HTMLSelectElement);
  const obs = connect(settings);
  const uploading: Uploading = {
    obs,
    bucket: settings.bucket,
    keyPrefix: settings.keyPrefix,
    kept: keptCheckpoints(localStorageOrNull(), obs.server),
    partSize: () => Number(partSize.value),
    taskNum$: fromEvent(taskNum, 'change').pipe(
      startWith(null),
      map(() => Number(taskNum.value)),
    ),
  };

  const state$ = new BehaviorSubject(emptyPage(uploading.kept.list()));
  intents$(page, () => uploading.kept.list())
    .pipe(
      switchMap((intent) => perform(uploading, intent, state$.value)),
      scan(reducePage, state$.value),
    )
    .subscribe(state$);

  state$.pipe(auditTime(0, animationFrameScheduler)).subscribe(createRender(page, settings.folder));
  state$
    .pipe(
      map(announcementOf),
      distinctUntilChanged(),
      throttleTime(ANNOUNCE_EVERY_MS, asyncScheduler, { leading: true, trailing: true }),
    )
    .subscribe((text) => page.text('announcer', text));

  page.text('target', `To the bucket “${settings.bucket}” at ${settings.server}`);
}

/** Reading the property alone throws where storage is blocked. */
function localStorageOrNull(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

const page = pageElements(document);
loadSettings$().subscribe({
  next: (settings) => start(page, settings),
  error: (error: unknown) => {
    page.text('target', `This page cannot upload: ${error instanceof Error ? error.message : String(error)}`);
  },
});
