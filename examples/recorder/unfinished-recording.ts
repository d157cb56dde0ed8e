import { showButton, showFacts } from '../browser-page/unfinished-list.js';
import { factsOf, type UnfinishedRecording } from './words.js';

/** What an earlier page has recorded and not sent. */
export function showUnfinishedRecording(row: HTMLElement, upload: UnfinishedRecording): void {
  const { id, isBusy, isAwaited, checkpoint } = upload;
  showFacts(row, upload, factsOf(upload));
  showButton(row, 'discard', id, isBusy, `Discard ${checkpoint.key}`);
  showButton(row, 'complete', id, isBusy || isAwaited, `Complete ${checkpoint.key}`);
}
