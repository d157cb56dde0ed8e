import {
  animationFrameScheduler,
  asyncScheduler,
  auditTime,
  combineLatest,
  distinctUntilChanged,
  fromEvent,
  map,
  startWith,
  throttleTime,
} from 'rxjs';
import { createUploadQueue, indexedDbCheckpointStore, type QueueRow } from 'rx-obs-upload';
import { announcementOf } from './describe.js';
import { takeInProgress, noteInProgress } from './in-progress.js';
import { handleClicks } from './intents.js';
import type { PageElements } from './page-elements.js';
import { createRender } from './render.js';
import { connect, startPage, type PageSettings } from './settings.js';
import { speedHistory$ } from './speed.js';

/** Between two announcements to a screen reader. */
const ANNOUNCE_EVERY_MS = 2000;

function start(page: PageElements, settings: PageSettings): void {
  const taskNum = page.get('task-num', HTMLSelectElement);
  const taskNum$ = fromEvent(taskNum, 'change').pipe(
    startWith(null),
    map(() => Number(taskNum.value)),
  );
  const queue = createUploadQueue(connect(settings), {
    checkpointStore: indexedDbCheckpointStore(),
    defaults: { bucket: settings.bucket, taskNum: taskNum$ },
  });

  // What this tab was uploading when it was reloaded continues, if the browser still has the file.
  const wasUploading = takeInProgress();
  const picking = queue.pending$.subscribe((pending) => {
    if (pending.length === 0) return;
    asyncScheduler.schedule(() => picking.unsubscribe());
    for (const { id, hasFile, checkpoint } of pending) if (hasFile && wasUploading.has(checkpoint.key)) queue.pick(id);
  });

  const problem$ = handleClicks(page, queue, settings.keyPrefix);
  const render = createRender(page, settings.folder);
  combineLatest([queue.state$, speedHistory$(queue.state$), problem$])
    .pipe(auditTime(0, animationFrameScheduler))
    .subscribe(([state, speeds, problem]) => render(state, speeds, problem));
  queue.state$
    .pipe(
      throttleTime(ANNOUNCE_EVERY_MS, asyncScheduler, { leading: true, trailing: true }),
      map(announcementOf),
      distinctUntilChanged(),
    )
    .subscribe((text) => page.text('announcer', text));

  // What has a checkpoint can be resumed later; what has none would be lost.
  const running = (): readonly QueueRow[] => queue.state.rows.filter(({ can }) => can.pause);
  fromEvent(window, 'pagehide').subscribe(() => noteInProgress(running().map(({ key }) => key)));
  fromEvent(window, 'beforeunload').subscribe((event) => {
    if (running().some(({ snapshot }) => snapshot.checkpoint === null)) event.preventDefault();
  });

  page.text('target', `To the bucket “${settings.bucket}” at ${settings.server}`);
  page.get('choose-files', HTMLButtonElement).disabled = false;
  page.get('choose-folder', HTMLButtonElement).disabled = false;
  page.get('file-input', HTMLInputElement).disabled = false;
}

startPage(start);
