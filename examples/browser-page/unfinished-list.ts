import type { QueuePending } from 'rx-obs-upload';
import { formatBytesOf } from '../format.js';
import { moveFocusOutOf, type PageElements } from './page-elements.js';

/**
 * Shows what earlier pages have left: returns the function that updates it. A row stays the same element as long as it
 * is shown, so that its buttons keep the focus.
 * @param focusAfter - the button that gets the focus after the last row
 */
export function createUnfinishedList<T extends QueuePending>(
  page: PageElements,
  focusAfter: string,
  showRow: (row: HTMLElement, upload: T) => void,
): (uploads: readonly T[]) => void {
  const list = page.get('unfinished-list', HTMLElement);
  const template = page.get('unfinished-template', HTMLTemplateElement);
  const rows = new Map<string, HTMLElement>();
  let shown: readonly T[] = [];
  return (uploads) => {
    if (uploads === shown) return;
    shown = uploads;
    for (const [id, row] of rows) {
      if (uploads.some((upload) => upload.id === id)) continue;
      moveFocusOutOf(row, page.get(focusAfter, HTMLElement));
      row.remove();
      rows.delete(id);
    }
    for (const upload of uploads) {
      let row = rows.get(upload.id);
      if (row === undefined) {
        row = document.importNode(template.content, true).firstElementChild as HTMLElement;
        rows.set(upload.id, row);
        list.append(row);
      }
      showRow(row, upload);
    }
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
