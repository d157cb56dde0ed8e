import type { QueueRow } from 'rx-obs-upload';
import { statusOf, storedFileInWords } from '../browser-page/describe.js';
import { createKeyedRows } from '../browser-page/keyed-rows.js';
import { pageElements, type PageElements } from '../browser-page/page-elements.js';
import { formatBytes } from '../format.js';
import { bytesOf, sentOf } from './words.js';

/** Shows the uploads, the last one first: returns the function that updates them. */
export function createUploadList(page: PageElements, folder: string): (rows: readonly QueueRow[]) => void {
  const showRows = createKeyedRows<QueueRow>({
    list: page.get('files', HTMLElement),
    template: page.get('upload-template', HTMLTemplateElement),
    place: 'prepend',
    focusAfter: page.get('record', HTMLElement),
    show: (element, row) => showRow(element, row, folder),
  });
  return (rows) => {
    page.show('uploads', rows.length > 0);
    showRows(rows);
  };
}

function showRow(element: HTMLElement, row: QueueRow, folder: string): void {
  const { id, key, status, snapshot, note, can } = row;
  const { error, result } = snapshot;
  const bytes = bytesOf(row);
  const inRow = pageElements(element);
  element.dataset.status = status;
  inRow.text('name', key);
  inRow.text('status', statusOf(row));
  const fraction = bytes.produced === 0 ? 0 : bytes.sent / bytes.produced;
  inRow.attributes('progress', {
    'aria-label': `Sent of what ${key} has so far`,
    'aria-valuenow': String(Math.floor(fraction * 100)),
    'aria-valuetext': sentOf(bytes),
  });
  inRow.get('progress', HTMLElement).style.setProperty('--fraction', String(fraction));
  inRow.text('produced', formatBytes(bytes.produced));
  inRow.text('sent', formatBytes(bytes.sent));
  inRow.text('waiting', formatBytes(bytes.waiting));
  inRow.show('error', error !== null);
  inRow.text('error', error?.message ?? '');
  inRow.show('note', note !== null && status !== 'completed');
  inRow.text('note', note?.text ?? '');
  inRow.show('location', result !== null);
  inRow.text('location', result === null ? '' : `Stored: ${storedFileInWords(folder, key)}`);
  showActions(inRow.get('actions', HTMLElement), id, key, {
    retry: status === 'failed' && can.retry,
    remove: status === 'failed' || status === 'completed',
  });
}

function showActions(actions: HTMLElement, id: string, key: string, can: Readonly<Record<string, boolean>>): void {
  for (const button of actions.querySelectorAll('button')) {
    const { action = '' } = button.dataset;
    button.hidden = can[action] !== true;
    button.dataset.id = id;
    button.setAttribute('aria-label', `${button.textContent} ${key}`);
  }
  actions.hidden = !Object.values(can).includes(true);
}
