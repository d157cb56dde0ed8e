import type { QueuePending } from 'rx-obs-upload';
import { formatBytesOf } from '../format.js';
import { createKeyedRows } from './keyed-rows.js';
import type { PageElements } from './page-elements.js';

/**
 * Shows what earlier pages have left: returns the function that updates it.
 * @param focusAfter - the button that gets the focus after the last row
 */
export function createUnfinishedList<T extends QueuePending>(
  page: PageElements,
  focusAfter: string,
  show: (row: HTMLElement, upload: T) => void,
): (uploads: readonly T[]) => void {
  const showRows = createKeyedRows({
    list: page.get('unfinished-list', HTMLElement),
    template: page.get('unfinished-template', HTMLTemplateElement),
    place: 'append',
    focusAfter: page.get(focusAfter, HTMLElement),
    show,
  });
  let shown: readonly T[] = [];
  return (uploads) => {
    if (uploads === shown) return;
    shown = uploads;
    showRows(uploads);
    page.show('unfinished', uploads.length > 0);
  };
}

/** Writes the facts of a row. */
export function showFacts(row: HTMLElement, { checkpoint: { key } }: QueuePending, facts: string): void {
  for (const [name, text] of Object.entries({ name: key, facts })) {
    const element = row.querySelector(`.${name}`);
    if (element !== null && element.textContent !== text) element.textContent = text;
  }
}

/** Not `disabled`: that would take the focus away from a button. */
export function showButton(row: HTMLElement, action: string, id: string, isOff: boolean, label: string): void {
  const button = row.querySelector<HTMLElement>(`[data-action="${action}"]`);
  if (button === null) return;
  button.dataset.id = id;
  button.setAttribute('aria-disabled', String(isOff));
  button.setAttribute('aria-label', label);
}

/** A file that can be resumed. */
export function showUnfinishedFile(row: HTMLElement, upload: QueuePending): void {
  const { id, checkpoint, hasFile, isBusy } = upload;
  const { key, file, parts } = checkpoint;
  const sentBytes = parts.reduce((bytes, { size }) => bytes + size, 0);
  const where = hasFile ? 'its file is at hand' : `waits for ${file.name ?? 'its file'}`;
  const what = isBusy ? 'another tab is uploading it' : where;
  showFacts(row, upload, `${formatBytesOf(sentBytes, file.size)} sent · ${what}`);
  const pick = row.querySelector('[data-action="pick"]');
  if (pick !== null) pick.textContent = hasFile ? 'Resume' : 'Choose the file';
  showButton(row, 'pick', id, false, hasFile ? `Resume ${key}` : `Choose the file of ${key} again, to resume`);
  showButton(row, 'discard', id, isBusy, `Discard ${key} and delete its parts`);
}
