import type { UploadCheckpoint } from 'rx-obs-upload';
import { formatBytes, formatPercent } from '../format.js';
import {
  partCountInWords,
  partsInWords,
  remainingInWords,
  speedInWords,
  statusOf,
  storedFileInWords,
  verifiedInWords,
} from './describe.js';
import type { PageElements } from './page-elements.js';
import { isRunning, type PageState } from './page-state.js';
import { createPartGrid } from './part-grid.js';

/** Returns the function that shows a state on the page: all that ever changes there, changes here. */
export function createRender(page: PageElements, folder: string): (state: PageState) => void {
  const showParts = createPartGrid(page.get('part-grid', HTMLElement));
  const showUnfinished = createUnfinishedList(page.get('unfinished-list', HTMLElement));
  return (state) => {
    renderUpload(page, state);
    renderEnd(page, state, folder);
    renderControls(page, state);
    showParts(state.upload.parts);
    page.show('parts', state.upload.parts.length > 0);
    page.attributes('part-grid', { 'aria-label': partsInWords(state) });
    const others = state.unfinished.filter(({ uploadId }) => uploadId !== state.upload.checkpoint?.uploadId);
    showUnfinished(others, isRunning(state));
    page.show('unfinished', others.length > 0 || state.discarded !== null);
    page.text('discarded', state.discarded ?? '');
  };
}

function renderUpload(page: PageElements, state: PageState): void {
  const { file, upload, abort, note } = state;
  page.show('upload', file !== null);
  page.text('file-name', file?.name ?? '');
  page.text('status', statusOf(state));
  page.attributes('upload', { 'data-status': abort ?? upload.status });
  page.attributes('progress', {
    'aria-valuenow': String(Math.floor(upload.fraction * 100)),
    'aria-valuetext': `${formatPercent(upload.fraction)}, ${statusOf(state)}`,
  });
  page.get('progress', HTMLElement).style.setProperty('--fraction', String(upload.fraction));
  page.text('percent', formatPercent(upload.fraction));
  page.text('sent', `${formatBytes(upload.transferredBytes)} of ${formatBytes(file?.size ?? 0)}`);
  page.text('speed', speedInWords(state));
  page.text('remaining', remainingInWords(state));
  page.text('part-count', partCountInWords(state));
  page.text('note', note ?? '');
  page.show('note', note !== null);
}

function renderEnd(page: PageElements, { upload: { error, result } }: PageState, folder: string): void {
  page.show('error', error !== null);
  page.text('error-title', error?.serviceCode ? `The upload failed: ${error.serviceCode}` : 'The upload failed');
  page.text('error-text', error?.message ?? '');
  page.show('result', result !== null);
  if (result === null) return;
  page.text('location', result.location);
  page.text('stored-file', storedFileInWords(folder, result.key));
  page.text('etag', result.etag);
  page.text('verified', verifiedInWords(result.verified));
}

function renderControls(page: PageElements, state: PageState): void {
  const { file, upload, abort } = state;
  const running = isRunning(state);
  const interruptible = abort === null && upload.status !== 'completing';
  page.get('drop-zone', HTMLElement).classList.toggle('compact', file !== null);
  page.get('file-input', HTMLInputElement).disabled = running;
  page.get('part-size', HTMLSelectElement).disabled = running;

  const resume = page.get('resume', HTMLButtonElement);
  page.text('resume', upload.checkpoint === null ? 'Start again' : 'Resume');
  const buttons = [page.get('cancel', HTMLButtonElement), resume, page.get('abort', HTMLButtonElement)] as const;
  const enabled = [
    running && interruptible,
    file !== null && !running && upload.status !== 'completed',
    upload.checkpoint !== null && interruptible,
  ] as const;
  const focused = buttons.find((button) => button === document.activeElement);
  buttons.forEach((button, i) => (button.disabled = !enabled[i]));
  // A button that is disabled under one's fingers loses the focus: the next thing to do gets it.
  if (focused?.disabled) (buttons.find((button) => !button.disabled) ?? page.get('file-input', HTMLElement)).focus();
}

function createUnfinishedList(list: HTMLElement): (items: readonly UploadCheckpoint[], locked: boolean) => void {
  let shown = '';
  return (items, locked) => {
    const now = JSON.stringify([locked, items.map(({ uploadId, parts }) => [uploadId, parts.length])]);
    if (now === shown) return;
    shown = now;
    list.replaceChildren(...items.map((item) => unfinishedItem(item, locked)));
  };
}

function unfinishedItem({ key, uploadId, file, parts }: UploadCheckpoint, locked: boolean): HTMLElement {
  const item = document.createElement('li');
  const name = document.createElement('span');
  const size = document.createElement('span');
  const discard = document.createElement('button');
  name.className = 'name';
  name.textContent = key;
  size.textContent = `${formatBytes(parts.reduce((bytes, part) => bytes + part.size, 0))} of ${formatBytes(file.size)}`;
  discard.type = 'button';
  discard.disabled = locked;
  discard.textContent = 'Discard';
  discard.dataset.uploadId = uploadId;
  discard.setAttribute('aria-label', `Discard ${key} and delete its parts`);
  item.append(name, size, discard);
  return item;
}
