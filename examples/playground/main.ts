import { toUploadSnapshot, type UploadNotification, type UploadSnapshot } from 'rx-obs-upload';
import { BehaviorSubject, defer, EMPTY, filter, fromEvent, map, merge, switchMap, tap, type Observable } from 'rxjs';
import { clicks$ } from '../browser-page/clicks.js';
import { pageElements } from '../browser-page/page-elements.js';
import { formatBytes } from '../format.js';
import { notificationInWords } from './describe.js';
import { createEventLog } from './event-log.js';
import { generateFile } from './generate-file.js';
import { createRender } from './render.js';
import { showResult } from './result.js';
import { createStore, MAX_FILE_BYTES, type Store } from './store.js';
import { upload$ } from './upload.js';

const GENERATED_BYTES = 20 * 1024 * 1024;

const page = pageElements(document);
const log = createEventLog(page.get('log', HTMLElement));
const input = page.get('file-input', HTMLInputElement);
const isBroken$ = new BehaviorSubject(false);
const isPaused$ = new BehaviorSubject(false);
let store: Store | null = null;

function run$(file: File): Observable<UploadSnapshot> {
  return defer(() => {
    const opened = createStore(file.size, isBroken$);
    store = opened;
    log.clear();
    isPaused$.next(false);
    page.text('name', `2. Its upload: ${file.name}, ${formatBytes(file.size)}`);
    page.show('result', false);
    return upload$(opened, file, isPaused$).pipe(
      tap((notification) => report(notification, opened, file)),
      toUploadSnapshot(),
    );
  });
}

function report(notification: UploadNotification, { fake }: Store, file: File): void {
  const text = notificationInWords(notification);
  if (text !== null) log.add(notification.type, text);
  if (notification.type !== 'completed') return;
  const stored = fake.object(notification.result.key);
  if (stored !== null)
    showResult(page, notification.result, { file, stored, requests: fake.arrivals('uploadPart').length });
}

/** All of it is stored in memory. */
function accept(file: File): boolean {
  const isTooLarge = file.size > MAX_FILE_BYTES;
  page.show('notice', isTooLarge);
  page.text(
    'notice',
    isTooLarge ? `Choose a file of at most ${formatBytes(MAX_FILE_BYTES)}: it is held in memory.` : '',
  );
  return !isTooLarge;
}

const chosen$ = fromEvent(input, 'change').pipe(
  map(() => input.files?.[0]),
  filter((file) => file !== undefined),
  // So that the same file can be chosen again.
  tap(() => (input.value = '')),
);
const generated$ = clicks$(page, 'generate').pipe(map(() => generateFile('generated.bin', GENERATED_BYTES)));

merge(chosen$, generated$)
  .pipe(switchMap((file) => (accept(file) ? run$(file) : EMPTY)))
  .subscribe(createRender(page));
clicks$(page, 'choose').subscribe(() => input.click());
clicks$(page, 'toggle').subscribe(() => isPaused$.next(!isPaused$.value));
clicks$(page, 'break').subscribe(() => {
  isBroken$.next(!isBroken$.value);
  log.add('network', isBroken$.value ? 'The network is broken' : 'The network is back');
  page.text('break', isBroken$.value ? 'Restore the network' : 'Break the network');
  page.attributes('break', { 'data-broken': String(isBroken$.value) });
});
clicks$(page, 'refuse').subscribe(() => {
  store?.refuseNextPart();
  log.add('network', 'The store will refuse the next part: 503 SlowDown');
});
