import type { QueueState } from 'rx-obs-upload';
import type { PageElements } from '../browser-page/page-elements.js';
import { createUnfinishedList } from '../browser-page/unfinished-list.js';
import type { Take } from './take.js';
import { showUnfinishedRecording } from './unfinished-recording.js';
import { createUploadList } from './upload-list.js';
import { announcementOf, clockOf } from './words.js';

export interface View {
  readonly take: Take;
  readonly state: QueueState;
  readonly isOnline: boolean;
  readonly problem: string | null;
  /** Pending uploads that wait for another page. */
  readonly awaited: ReadonlySet<string>;
}

/** Returns the function that shows a view on the page. */
export function createRender(page: PageElements, folder: string): (view: View) => void {
  const showUploads = createUploadList(page, folder);
  const showUnfinished = createUnfinishedList(page, 'record', showUnfinishedRecording);
  return ({ take, state, isOnline, problem, awaited }) => {
    showRecorder(page, take);
    showUploads(state.rows);
    const unfinished = state.pending.map((upload) => ({ ...upload, isAwaited: awaited.has(upload.id) }));
    showUnfinished(unfinished);
    page.show('offline', !isOnline);
    const notice = problem ?? take.problem ?? state.notices.at(-1)?.text ?? null;
    page.show('notice', notice !== null);
    page.text('notice', notice ?? '');
    page.text('announcer', announcementOf(take, state, unfinished.find(({ isAwaited }) => isAwaited)?.checkpoint.key));
  };
}

function showRecorder(page: PageElements, { phase, recording }: Take): void {
  const isActive = phase === 'recording' || phase === 'paused';
  page.attributes('recorder', { 'data-phase': phase });
  const preview = page.get('preview', HTMLVideoElement);
  const stream = isActive ? (recording?.stream ?? null) : null;
  if (preview.srcObject !== stream) preview.srcObject = stream;
  page.show('placeholder', !isActive);
  page.text('placeholder', phase === 'opening' ? 'The browser asks for your permission.' : 'The picture appears here.');
  page.show('light', isActive);
  page.text('light', phase === 'paused' ? 'Paused' : 'Recording');
  page.text('elapsed', clockOf(recording?.seconds ?? 0));

  // The same buttons whatever they do now: what has the focus keeps it.
  page.text('record', isActive ? 'Stop' : 'Record');
  page.attributes('record', {
    'aria-label': isActive ? 'Stop recording' : 'Record',
    'aria-disabled': String(phase === 'opening'),
  });
  page.text('pause', phase === 'paused' ? 'Resume' : 'Pause');
  page.attributes('pause', {
    'aria-label': phase === 'paused' ? 'Resume recording' : 'Pause recording',
    'aria-disabled': String(!isActive),
  });
  for (const id of ['camera', 'screen', 'sound']) page.get(id, HTMLInputElement).disabled = phase !== 'ready';
  page.get('part-size', HTMLSelectElement).disabled = phase !== 'ready';
}
