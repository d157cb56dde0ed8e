const MAX_LINES = 300;

export interface EventLog {
  /** @param type - decides the colour of the line */
  add(type: string, text: string): void;
  clear(): void;
}

/** The newest line is at the top, where it is seen without scrolling. */
export function createEventLog(list: HTMLElement): EventLog {
  let began = performance.now();
  return {
    add(type, text) {
      const line = document.createElement('li');
      line.dataset.type = type;
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      line.append(cell(`${seconds} s`), cell(text));
      list.prepend(line);
      if (list.childElementCount > MAX_LINES) list.lastElementChild?.remove();
    },
    clear() {
      began = performance.now();
      list.replaceChildren();
    },
  };
}

function cell(text: string): HTMLElement {
  const span = document.createElement('span');
  span.textContent = text;
  return span;
}
