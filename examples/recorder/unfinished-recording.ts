import type { QueuePending } from 'rx-obs-upload';
import { factsOf } from './words.js';

/** What an earlier page has recorded and not sent. */
export function unfinishedRecording(template: HTMLTemplateElement, upload: QueuePending): Node {
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
