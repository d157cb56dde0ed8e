import type { QueueRow, UploadSnapshot } from 'rx-obs-upload';
import { formatPercent } from '../format.js';
import {
  partsInWords,
  progressInWords,
  shownFraction,
  statusOf,
  storedFileInWords,
  verifiedInWords,
} from './describe.js';
import { pageElements, type PageElements } from './page-elements.js';
import { createPartGrid } from './part-grid.js';

/** A file on the page. */
export interface FileRow {
  readonly element: HTMLElement;
  /** @returns whether anything has changed */
  show(file: QueueRow): boolean;
  toggleDetails(): void;
}

export function createFileRow(template: HTMLTemplateElement, { id, key }: QueueRow, folder: string): FileRow {
  const row = document.importNode(template.content, true);
  const element = row.querySelector('li');
  if (element === null) throw new Error('The template of a file lacks its row');
  element.dataset.id = key;
  const page = pageElements(element);
  page.text('file-name', key);
  page.attributes('progress', { 'aria-label': key });
  for (const button of element.querySelectorAll('button')) button.dataset.id = id;

  let shown: QueueRow | null = null;
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
    page.text('verified', verifiedInWords[result.verified]);
  };
  return {
    element,
    show: (file) => {
      if (file === shown) return false;
      shown = file;
      element.dataset.status = file.status;
      showLine(page, file);
      showButtons(page, file);
      if (isOpen) showDetails(file.snapshot);
      return true;
    },
    toggleDetails: () => {
      isOpen = !isOpen;
      page.show('details', isOpen);
      page.attributes('details-toggle', { 'aria-expanded': String(isOpen) });
      if (isOpen && shown !== null) showDetails(shown.snapshot);
    },
  };
}

function showLine(page: PageElements, file: QueueRow): void {
  const { error } = file.snapshot;
  const fraction = shownFraction(file.snapshot);
  const status = statusOf(file);
  page.text('status', status);
  page.attributes('progress', {
    'aria-valuenow': String(Math.floor(fraction * 100)),
    'aria-valuetext': `${formatPercent(fraction)}, ${status}`,
  });
  page.get('progress', HTMLElement).style.setProperty('--fraction', String(fraction));
  page.text('percent', formatPercent(fraction));
  page.text('sent', progressInWords(file));
  page.text('error', error?.message ?? '');
  page.show('error', error !== null);
  page.text('note', file.note?.text ?? '');
  page.show('note', file.note !== null);
}

const AGAIN = { failed: ['retry', 'Retry'], aborted: ['retry', 'Start again'], other: ['resume', 'Resume'] } as const;

function showButtons(page: PageElements, { key, status, can }: QueueRow): void {
  const isOver = status === 'completed' || status === 'aborted';
  const [again, label] = AGAIN[status === 'failed' || status === 'aborted' ? status : 'other'];
  const toggle = can.pause ? 'pause' : again;
  const show = (
    name: 'toggle' | 'abort' | 'remove',
    action: keyof QueueRow['can'],
    text: string,
    isShown: boolean,
  ): void => {
    page.show(name, isShown);
    page.text(name, text);
    // Not `disabled`: that would take the focus away from it.
    page.attributes(name, {
      'data-action': action,
      'aria-label': `${text} ${key}`,
      'aria-disabled': String(!can[action]),
    });
  };
  show('toggle', toggle, can.pause ? 'Pause' : label, status !== 'completed');
  page.get('toggle', HTMLButtonElement).classList.toggle('primary', toggle !== 'pause');
  show('abort', 'abort', 'Abort', can.abort || status === 'aborting' || status === 'completing');
  show('remove', 'remove', isOver ? 'Remove' : 'Cancel', true);
  page.attributes('remove', {
    title: isOver ? 'Take it off the list' : 'Stop, and take it off the list: what the server has of it stays there',
  });
}
