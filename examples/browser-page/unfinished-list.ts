import { formatBytesOf } from '../format.js';
import { leftOver, type PageState } from './page-state.js';
import type { PageElements } from './page-elements.js';
import type { UnfinishedUpload } from './unfinished.js';

/** Shows what can be gone on with: returns the function that brings it up to date. */
export function createUnfinishedList(page: PageElements): (state: PageState) => void {
  const list = page.get('unfinished-list', HTMLElement);
  const template = page.get('unfinished-template', HTMLTemplateElement);
  let shown = '';
  return (state) => {
    const uploads = leftOver(state);
    page.show('unfinished', uploads.length > 0);
    const now = JSON.stringify(uploads.map(({ id, savedAt, hasFile, isBusy }) => [id, savedAt, hasFile, isBusy]));
    if (now === shown) return;
    shown = now;
    list.replaceChildren(...uploads.map((upload) => rowOf(template, upload)));
  };
}

function rowOf(template: HTMLTemplateElement, { id, checkpoint, hasFile, isBusy }: UnfinishedUpload): Node {
  const row = document.importNode(template.content, true);
  const { key, file, parts } = checkpoint;
  const text = (name: string, value: string): void => {
    const element = row.querySelector(`.${name}`);
    if (element !== null) element.textContent = value;
  };
  text('name', key);
  const sentBytes = parts.reduce((bytes, { size }) => bytes + size, 0);
  const sent = `${formatBytesOf(sentBytes, file.size)} sent`;
  const what = isBusy
    ? 'another tab is at it'
    : hasFile
      ? 'its file is at hand'
      : `waits for ${file.name ?? 'its file'}`;
  text('facts', `${sent} · ${what}`);
  const label = hasFile ? 'Resume' : 'Choose the file';
  const goOn = row.querySelector<HTMLButtonElement>('[data-action="go-on"]');
  const discard = row.querySelector<HTMLButtonElement>('[data-action="discard"]');
  if (goOn !== null) {
    goOn.textContent = label;
    goOn.dataset.id = id;
    goOn.setAttribute('aria-label', hasFile ? `Resume ${key}` : `Choose the file of ${key} again, to resume`);
  }
  if (discard !== null) {
    discard.dataset.id = id;
    discard.disabled = isBusy;
    discard.setAttribute('aria-label', `Discard ${key} and delete its parts`);
  }
  return row;
}
