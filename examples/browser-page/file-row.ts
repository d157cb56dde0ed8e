import type { QueuedFile, UploadSnapshot } from 'rx-obs-upload';
import { formatPercent } from '../format.js';
import {
  errorInWords,
  partsInWords,
  progressInWords,
  shownFraction,
  statusOf,
  storedFileInWords,
  verifiedInWords,
} from './describe.js';
import { pageElements, type PageElements } from './page-elements.js';
import { isRunning, type Remark } from './page-state.js';
import { createPartGrid } from './part-grid.js';

/** A file on the page. */
export interface FileRow {
  readonly element: HTMLElement;
  show(file: QueuedFile, remark: Remark): void;
  toggleDetails(): void;
}

export function createFileRow(template: HTMLTemplateElement, id: string, folder: string): FileRow {
  const row = document.importNode(template.content, true);
  const element = row.querySelector('li');
  if (element === null) throw new Error('The template of a file lacks its row');
  element.dataset.id = id;
  const page = pageElements(element);
  page.text('file-name', id);
  page.attributes('progress', { 'aria-label': id });
  for (const button of element.querySelectorAll('button')) button.dataset.id = id;

  let shownFile: QueuedFile | null = null;
  let shownRemark: Remark | null = null;
  let isOpen = false;
  let showParts: ReturnType<typeof createPartGrid> | null = null;
  const showDetails = ({ parts, result }: UploadSnapshot): void => {
    showParts ??= createPartGrid(page.get('part-grid', HTMLElement));
    showParts(parts);
    page.attributes('part-grid', { 'aria-label': partsInWords(parts) });
    page.text('part-count', parts.length === 0 ? 'No parts yet' : partsInWords(parts));
    page.show('result', result !== null);
    if (result === null) return;
    page.text('location', result.location);
    page.text('stored-file', storedFileInWords(folder, result.key));
    page.text('etag', result.etag);
    page.text('verified', verifiedInWords(result.verified));
  };
  return {
    element,
    show: (file, remark) => {
      if (file === shownFile && remark === shownRemark) return;
      shownFile = file;
      shownRemark = remark;
      element.dataset.status = remark.abort ?? file.upload.status;
      showLine(page, file.upload, remark);
      showButtons(page, id, file.upload, remark);
      if (isOpen) showDetails(file.upload);
    },
    toggleDetails: () => {
      isOpen = !isOpen;
      page.show('details', isOpen);
      page.attributes('details-toggle', { 'aria-expanded': String(isOpen) });
      if (isOpen && shownFile !== null) showDetails(shownFile.upload);
    },
  };
}

function showLine(page: PageElements, upload: UploadSnapshot, remark: Remark): void {
  const { error } = upload;
  const fraction = shownFraction(upload);
  const status = statusOf(upload, remark);
  page.text('status', status);
  page.attributes('progress', {
    'aria-valuenow': String(Math.floor(fraction * 100)),
    'aria-valuetext': `${formatPercent(fraction)}, ${status}`,
  });
  page.get('progress', HTMLElement).style.setProperty('--fraction', String(fraction));
  page.text('percent', formatPercent(fraction));
  page.text('sent', progressInWords(upload));
  page.text('error', error === null ? '' : errorInWords(error));
  page.show('error', error !== null);
  page.text('note', remark.note?.text ?? '');
  page.show('note', remark.note !== null);
}

function showButtons(page: PageElements, id: string, upload: UploadSnapshot, { abort }: Remark): void {
  const { status, checkpoint } = upload;
  const isOver = status === 'completed' || abort === 'aborted';
  const runs = isRunning(upload) && abort === null;
  const toggle = runs
    ? (['pause', 'Pause'] as const)
    : (['resume', abort === 'aborted' ? 'Start again' : status === 'failed' ? 'Retry' : 'Resume'] as const);
  const isBusy = abort === 'deleting' || status === 'completing';
  showButton(page, 'toggle', id, toggle, { isShown: status !== 'completed', isEnabled: !isBusy });
  // What another tab is at is for that tab to abort.
  const hasParts = (checkpoint !== null || runs) && upload.waitingFor !== 'locked';
  showButton(page, 'abort', id, ['abort', 'Abort'], { isShown: hasParts && !isOver, isEnabled: !isBusy });
  showButton(page, 'remove', id, ['remove', isOver ? 'Remove' : 'Cancel'], { isShown: true, isEnabled: !isBusy });
  page.attributes('remove', {
    title: isOver ? 'Take it off the list' : 'Stop, and take it off the list: what the server has of it stays there',
  });
}

function showButton(
  page: PageElements,
  name: 'toggle' | 'abort' | 'remove',
  id: string,
  [action, label]: readonly [action: string, label: string],
  { isShown, isEnabled }: { readonly isShown: boolean; readonly isEnabled: boolean },
): void {
  const button = page.get(name, HTMLButtonElement);
  page.show(name, isShown);
  page.text(name, label);
  page.attributes(name, { 'data-action': action, 'aria-label': `${label} ${id}` });
  // Not `disabled`: that would take the focus from under one's fingers.
  page.attributes(name, { 'aria-disabled': String(!isEnabled) });
  button.classList.toggle('primary', name === 'toggle' && action === 'resume');
}
