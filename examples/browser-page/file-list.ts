import type { QueueRow } from 'rx-obs-upload';
import { createFileRow, type FileRow } from './file-row.js';
import { moveFocusOutOf, type PageElements } from './page-elements.js';

/** Rows that are changed in one frame: a thousand would freeze the page. */
const ROWS_A_FRAME = 50;

/**
 * Shows a row a file: returns the function that updates them. Only rows whose file has changed are touched, and the
 * browser draws none that is out of sight (`content-visibility` in the style sheet).
 */
export function createFileList(page: PageElements, folder: string): (files: readonly QueueRow[]) => void {
  const list = page.get('files', HTMLElement);
  const template = page.get('file-template', HTMLTemplateElement);
  const rows = new Map<string, FileRow>();
  let nextFrame = 0;
  list.addEventListener('click', ({ target }) => {
    const toggle = target instanceof Element ? target.closest('button[data-testid="details-toggle"]') : null;
    if (toggle instanceof HTMLElement) rows.get(toggle.dataset.id ?? '')?.toggleDetails();
  });
  return show;

  function show(files: readonly QueueRow[]): void {
    cancelAnimationFrame(nextFrame);
    if (rows.size > 0) removeOthers(new Set(files.map(({ id }) => id)));
    let left = ROWS_A_FRAME;
    for (const file of files) {
      const row = rows.get(file.id) ?? added(file, files.length === 1);
      if (row.show(file) && --left === 0) {
        nextFrame = requestAnimationFrame(() => show(files));
        return;
      }
    }
  }

  function added(file: QueueRow, isOnly: boolean): FileRow {
    const row = createFileRow(template, file, folder);
    rows.set(file.id, row);
    list.append(row.element);
    if (isOnly) row.toggleDetails();
    return row;
  }

  function removeOthers(ids: ReadonlySet<string>): void {
    for (const [id, { element }] of rows) {
      if (ids.has(id)) continue;
      moveFocusOutOf(element, page.get('choose-files', HTMLElement));
      element.remove();
      rows.delete(id);
    }
  }
}
