import { createFileRow, type FileRow } from './file-row.js';
import type { PageElements } from './page-elements.js';
import { remarkOn, type PageState } from './page-state.js';

/**
 * Shows a row a file: returns the function that brings them up to date. Only rows whose file has changed are touched,
 * and the browser draws none that is out of sight (`content-visibility` in the style sheet).
 */
export function createFileList(page: PageElements, folder: string): (state: PageState) => void {
  const list = page.get('files', HTMLElement);
  const template = page.get('file-template', HTMLTemplateElement);
  const rows = new Map<string, FileRow>();
  list.addEventListener('click', ({ target }) => {
    const toggle = target instanceof Element ? target.closest('button[data-testid="details-toggle"]') : null;
    if (toggle instanceof HTMLElement) rows.get(toggle.dataset.id ?? '')?.toggleDetails();
  });

  return (state) => {
    const { files } = state.queue;
    const added = document.createDocumentFragment();
    for (const file of files) {
      const known = rows.get(file.id);
      const row = known ?? createFileRow(template, file.id, folder);
      row.show(file, remarkOn(state, file.id));
      if (known !== undefined) continue;
      rows.set(file.id, row);
      added.append(row.element);
      if (files.length === 1) row.toggleDetails();
    }
    list.append(added);
    if (rows.size > files.length) removeOthers(new Set(files.map(({ id }) => id)));
  };

  function removeOthers(ids: ReadonlySet<string>): void {
    for (const [id, { element }] of rows) {
      if (ids.has(id)) continue;
      // Whoever removed it by keyboard goes on with the next one.
      if (element.contains(document.activeElement)) nextTo(element).focus();
      element.remove();
      rows.delete(id);
    }
  }

  function nextTo(element: HTMLElement): HTMLElement {
    const beside = element.nextElementSibling ?? element.previousElementSibling;
    return beside?.querySelector<HTMLElement>('button:not([hidden])') ?? page.get('choose-files', HTMLElement);
  }
}
