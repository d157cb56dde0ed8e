/** The page's elements by their test ids, and the few things that are done to them. */
export interface PageElements {
  /** @throws Error when the page has no such element of that kind */
  get<E extends Element>(id: string, kind: new () => E): E;
  text(id: string, value: string): void;
  show(id: string, visible: boolean): void;
  attributes(id: string, values: Readonly<Record<string, string>>): void;
}

export function pageElements(root: ParentNode): PageElements {
  const found = new Map<string, Element>();
  const get = <E extends Element>(id: string, kind: new () => E): E => {
    const element = found.get(id) ?? root.querySelector(`[data-testid="${id}"]`);
    if (!(element instanceof kind)) throw new Error(`The page lacks its ${id}`);
    found.set(id, element);
    return element;
  };
  return {
    get,
    // Only what changed is written: a text that is set again is laid out, and read out, again.
    text: (id, value) => {
      const element = get(id, HTMLElement);
      if (element.textContent !== value) element.textContent = value;
    },
    show: (id, visible) => {
      const element = get(id, HTMLElement);
      if (element.hidden === visible) element.hidden = !visible;
    },
    attributes: (id, values) => {
      const element = get(id, Element);
      for (const [name, value] of Object.entries(values)) {
        if (element.getAttribute(name) !== value) element.setAttribute(name, value);
      }
    },
  };
}

/**
 * Before a row is removed: a person who did so by keyboard continues with the one beside it.
 * @param otherwise - gets the focus if there is none
 */
export function moveFocusOutOf(row: Element, otherwise: HTMLElement): void {
  if (!row.contains(document.activeElement)) return;
  const beside = row.nextElementSibling ?? row.previousElementSibling;
  (beside?.querySelector<HTMLElement>('button:not([hidden])') ?? otherwise).focus();
}
