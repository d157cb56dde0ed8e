import type { UploadSnapshot } from 'rx-obs-upload';
import { createPartGrid } from '../browser-page/part-grid.js';
import { partsInWords } from '../browser-page/describe.js';
import type { PageElements } from '../browser-page/page-elements.js';
import { formatBytes, formatBytesOf, formatPercent, formatSeconds } from '../format.js';
import { statusInWords } from './describe.js';

/** Returns the function that shows a snapshot. */
export function createRender(page: PageElements): (upload: UploadSnapshot) => void {
  const renderParts = createPartGrid(page.get('part-grid', HTMLElement));
  const progress = page.get('progress', HTMLElement);
  const toggle = page.get('toggle', HTMLButtonElement);
  const refuse = page.get('refuse', HTMLButtonElement);
  return (upload) => {
    const { status, fraction, transferredBytes, totalBytes, bytesPerSecond, remainingSeconds, parts, error } = upload;
    page.text('status', statusInWords(upload));
    page.attributes('status', { 'data-status': status });
    page.text('percent', formatPercent(fraction));
    page.attributes('progress', { 'aria-valuenow': String(Math.floor((fraction ?? 0) * 100)) });
    progress.style.setProperty('--fraction', String(fraction ?? 0));
    page.text('sent', formatBytesOf(transferredBytes, totalBytes));
    page.text('speed', bytesPerSecond === null || status !== 'uploading' ? '–' : `${formatBytes(bytesPerSecond)}/s`);
    page.text('remaining', remainingSeconds === null || status !== 'uploading' ? '–' : formatSeconds(remainingSeconds));
    page.text('parts', parts.length === 0 ? 'No parts yet' : partsInWords(parts));
    page.attributes('part-grid', { 'aria-label': partsInWords(parts) });
    renderParts(parts);
    toggle.disabled = refuse.disabled = status === 'idle' || status === 'completed' || status === 'failed';
    page.text('toggle', status === 'paused' ? 'Resume' : 'Pause');
    page.show('error', error !== null);
    page.text('error', error?.message ?? '');
  };
}
