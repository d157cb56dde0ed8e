import type { QueuePending } from 'rx-obs-upload';
import { formatBytesOf } from '../format.js';
import type { PageElements } from './page-elements.js';

/** Shows what earlier pages have left: returns the function that updates it. */
export function createUnfinishedList(
  page: PageElements,
  rowOf: (template: HTMLTemplateElement, upload: QueuePending) => Node,
): (uploads: readonly QueuePending[]) => void {
  const list = page.get('unfinished-list', HTMLElement);
  const template = page.get('unfinished-template', HTMLTemplateElement);
  let shown: readonly QueuePending[] = [];
  return (uploads) => {
    page.show('unfinished', uploads.length > 0);
    if (uploads === shown) return;
    shown = uploads;
    list.replaceChildren(...uploads.map((upload) => rowOf(template, upload)));
  };
}

/** A file that can be resumed. */
export function unfinishedFile(template: HTMLTemplateElement, { id, checkpoint, hasFile, isBusy }: QueuePending): Node {
  const row = document.importNode(template.content, true);
  const { key, file, parts } = checkpoint;
  const text = (name: string, value: string): void => {
    const element = row.querySelector(`.${name}`);
    if (element !== null) element.textContent = value;
  };
  text('name', key);
  const sentBytes = parts.reduce((bytes, { size }) => bytes + size, 0);
  const sent = `${formatBytesOf(sentBytes, file.size)} sent`;
  const where = hasFile ? 'its file is at hand' : `waits for ${file.name ?? 'its file'}`;
  const what = isBusy ? 'another tab is uploading it' : where;
  text('facts', `${sent} · ${what}`);
  const label = hasFile ? 'Resume' : 'Choose the file';
  const pick = row.querySelector<HTMLButtonElement>('[data-action="pick"]');
  const discard = row.querySelector<HTMLButtonElement>('[data-action="discard"]');
  if (pick !== null) {
    pick.textContent = label;
    pick.dataset.id = id;
    pick.setAttribute('aria-label', hasFile ? `Resume ${key}` : `Choose the file of ${key} again, to resume`);
  }
  if (discard !== null) {
    discard.dataset.id = id;
    discard.disabled = isBusy;
    discard.setAttribute('aria-label', `Discard ${key} and delete its parts`);
  }
  return row;
}
