import { moveFocusOutOf } from './page-elements.js';

export interface KeyedRows<T> {
  readonly list: HTMLElement;
  readonly template: HTMLTemplateElement;
  /** Where a new row goes. */
  readonly place: 'append' | 'prepend';
  /** Gets the focus after the last row. */
  readonly focusAfter: HTMLElement;
  readonly show: (row: HTMLElement, item: T) => void;
}

/**
 * Shows a row an item: returns the function that updates them. A row stays the same element as long as it is shown, so
 * that its buttons keep the focus.
 */
export function createKeyedRows<T extends { readonly id: string }>({
  list,
  template,
  place,
  focusAfter,
  show,
}: KeyedRows<T>): (items: readonly T[]) => void {
  const rows = new Map<string, HTMLElement>();
  return (items) => {
    const ids = new Set(items.map(({ id }) => id));
    for (const [id, row] of rows) {
      if (ids.has(id)) continue;
      moveFocusOutOf(row, focusAfter);
      row.remove();
      rows.delete(id);
    }
    for (const item of items) {
      let row = rows.get(item.id);
      if (row === undefined) {
        row = document.importNode(template.content, true).firstElementChild as HTMLElement;
        rows.set(item.id, row);
        list[place](row);
      }
      show(row, item);
    }
  };
}
