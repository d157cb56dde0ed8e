import type { QueuePending } from 'rx-obs-upload';
import type { PageElements } from '../browser-page/page-elements.js';
import { factsOf } from './words.js';

/** Shows what earlier pages have recorded and not sent: returns the function that updates it. */
export function createUnfinishedList(page: PageElements): (uploads: readonly QueuePending[]) => void {
  const list = page.get('unfinished-list', HTMLElement);
  const template = page.get('unfinished-template', HTMLTemplateElement);
  let shown: readonly QueuePending[] = [];
  return (uploads) => {
    page.show('unfinished', uploads.length > 0);
    if (uploads === shown) return;
    shown = uploads;
    list.replaceChildren(...uploads.map((upload) => rowOf(template, upload)));
  };
}

function rowOf(template: HTMLTemplateElement, upload: QueuePending): Node {
  const { id, isBusy, checkpoint } = upload;
  const row = document.importNode(template.content, true);
  const texts = { name: checkpoint.key, facts: factsOf(upload) };
  for (const [name, text] of Object.entries(texts)) {
    const element = row.querySelector(`.${name}`);
    if (element !== null) element.textContent = text;
  }
  for (const button of row.querySelectorAll('button')) {
    button.dataset.id = id;
    button.disabled = isBusy;
    button.setAttribute('aria-label', `${button.textContent} ${checkpoint.key}`);
  }
  return row;
}
