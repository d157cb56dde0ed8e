import { formatBytesOf, formatPercent } from '../format.js';
import { filesInWords, remainingInWords, speedInWords } from './describe.js';
import { createFileList } from './file-list.js';
import type { PageElements } from './page-elements.js';
import { isAnyRunning, stoppedFiles, type PageState } from './page-state.js';
import type { Speed } from './speed.js';
import { createSpeedChart } from './speed-chart.js';
import { createUnfinishedList } from './unfinished-list.js';

/** Returns the function that shows a state on the page: all that ever changes there, changes here. */
export function createRender(page: PageElements, folder: string): (state: PageState, speed: Speed) => void {
  const showFiles = createFileList(page, folder);
  const showUnfinished = createUnfinishedList(page);
  const showChart = createSpeedChart(page);
  let chart: Speed | null = null;
  return (state, speed) => {
    const hasFiles = state.queue.files.length > 0;
    page.get('drop-zone', HTMLElement).classList.toggle('compact', hasFiles);
    page.show('queue', hasFiles);
    renderTotals(page, state, speed);
    renderButtons(page, state);
    showFiles(state);
    showUnfinished(state);
    page.show('notice', state.notice !== null);
    page.text('notice', state.notice ?? '');
    if (speed !== chart) showChart(speed);
    chart = speed;
  };
}

function renderTotals(page: PageElements, { queue }: PageState, speed: Speed): void {
  const { transferredBytes, totalBytes } = queue;
  const fraction = queue.fraction ?? 0;
  const percent = formatPercent(queue.fraction);
  page.attributes('total', {
    'aria-valuenow': String(Math.floor(fraction * 100)),
    'aria-valuetext': `${percent}, ${filesInWords(queue)}`,
  });
  page.get('total', HTMLElement).style.setProperty('--fraction', String(fraction));
  page.text('total-percent', percent);
  page.text('total-files', filesInWords(queue));
  page.text('total-sent', formatBytesOf(transferredBytes, totalBytes));
  page.text('total-speed', speedInWords(speed));
  page.text('total-remaining', remainingInWords(queue, speed));
}

function renderButtons(page: PageElements, state: PageState): void {
  const { files, counts } = state.queue;
  page.show('queue-actions', files.length > 1);
  page.attributes('pause-all', { 'aria-disabled': String(!isAnyRunning(state.queue)) });
  page.attributes('resume-all', { 'aria-disabled': String(stoppedFiles(state).length === 0) });
  page.attributes('clear', { 'aria-disabled': String(counts.completed === 0) });
}
