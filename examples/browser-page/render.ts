import type { QueueState } from 'rx-obs-upload';
import { formatBytesOf, formatPercent, formatSeconds } from '../format.js';
import { filesInWords, isAnyRunning, speedInWords } from './describe.js';
import { createFileList } from './file-list.js';
import type { PageElements } from './page-elements.js';
import { createSpeedChart } from './speed-chart.js';
import { createUnfinishedList, showUnfinishedFile } from './unfinished-list.js';

type Render = (state: QueueState, speeds: readonly number[], problem: string | null) => void;

/** Returns the function that shows a state on the page: all that ever changes there, changes here. */
export function createRender(page: PageElements, folder: string): Render {
  const showFiles = createFileList(page, folder);
  const showUnfinished = createUnfinishedList(page, 'choose-files', showUnfinishedFile);
  const showChart = createSpeedChart(page);
  let chart: readonly number[] = [];
  return (state, speeds, problem) => {
    const { rows, counts, totals, notices, pending } = state;
    page.get('drop-zone', HTMLElement).classList.toggle('compact', rows.length > 0);
    page.show('queue', rows.length > 0);
    const fraction = totals.fraction ?? 0;
    const percent = formatPercent(totals.fraction);
    page.attributes('total', {
      'aria-valuenow': String(Math.floor(fraction * 100)),
      'aria-valuetext': `${percent}, ${filesInWords(state)}`,
    });
    page.get('total', HTMLElement).style.setProperty('--fraction', String(fraction));
    page.text('total-percent', percent);
    page.text('total-files', filesInWords(state));
    page.text('total-sent', formatBytesOf(totals.transferredBytes, totals.totalBytes));
    page.text('total-speed', speedInWords(totals));
    page.text('total-remaining', totals.remainingSeconds === null ? '–' : formatSeconds(totals.remainingSeconds));
    page.show('queue-actions', rows.length > 1);
    page.attributes('pause-all', { 'aria-disabled': String(!isAnyRunning(state)) });
    page.attributes('resume-all', { 'aria-disabled': String(counts.paused + counts.failed === 0) });
    page.attributes('clear', { 'aria-disabled': String(counts.completed === 0) });
    showFiles(rows);
    showUnfinished(pending);
    const notice = problem ?? noticeOf(notices.at(-1));
    page.show('notice', notice !== null);
    page.text('notice', notice ?? '');
    if (speeds !== chart) showChart(speeds);
    chart = speeds;
  };
}

function noticeOf(notice: QueueState['notices'][number] | undefined): string | null {
  if (notice?.code !== 'store-unreadable') return notice?.text ?? null;
  return 'This browser lets the page store nothing. Files are uploaded, but after a reload they start from the beginning.';
}
