import { isFailure, type ScenarioResult } from './bench.js';
import type { Run } from './measure/run-entrant.js';
import { spreadOf, type Spread } from './measure/statistics.js';

const HEADINGS = [
  'contestant',
  'seconds',
  'first byte, ms',
  'throughput ×',
  'CPU ×',
  'main thread ×',
  'tasks over 50 ms',
  'peak MB',
  'requests',
  'bytes sent',
];

/**
 * A scenario as a Markdown table: medians, with the range of times and ratios. Each ratio is to the first contestant in
 * the same round.
 */
export function tableOf({ title, share, entrants }: ScenarioResult): string {
  const baseline = entrants[0]?.runs ?? [];
  const rows = entrants.map(({ label, runs }) => {
    const failed = runs.find(isFailure);
    if (failed) return [label, failed.seconds.toFixed(1), failed.failure];
    const good = runs.filter((run): run is Run => !isFailure(run));
    const compared = (ratio: (run: Run, first: Run) => number): string =>
      ratios(good.flatMap((run, i) => pairOf(run, baseline[i])).map(([run, first]) => ratio(run, first)));
    return [
      label,
      spread(good, ({ seconds }) => seconds, 2),
      spread(good, ({ firstByteMs }) => firstByteMs, 0),
      compared((run, first) => first.seconds / run.seconds),
      compared((run, first) => run.cpuSeconds / first.cpuSeconds),
      compared((run, first) => run.mainThreadSeconds / first.mainThreadSeconds),
      longTasks(good),
      figure(good, ({ rendererPeakBytes }) => rendererPeakBytes / 1e6, 0),
      figure(good, ({ requests }) => requests, 0),
      figure(good, ({ bytesPerByte }) => bytesPerByte, 3),
    ];
  });
  const part = share < 1 ? ` (${share} of it)` : '';
  return [`### ${title}${part}`, '', ...aligned([HEADINGS, ...rows])].join('\n');
}

function pairOf(run: Run, first: ScenarioResult['entrants'][number]['runs'][number] | undefined): [Run, Run][] {
  return first === undefined || isFailure(first) ? [] : [[run, first]];
}

function figure(runs: readonly Run[], of: (run: Run) => number, digits: number): string {
  return spreadOf(runs.map(of))?.median.toFixed(digits) ?? '';
}

function ratios(values: readonly number[]): string {
  return format(spreadOf(values), 2);
}

function spread(runs: readonly Run[], of: (run: Run) => number, digits: number): string {
  // Without a request there is no first byte.
  return format(spreadOf(runs.map(of).filter(Number.isFinite)), digits);
}

function format(spread: Spread | null, digits: number): string {
  if (spread === null) return '';
  const { median, min, max } = spread;
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

/** The highest number in a round, and the longest. */
function longTasks(runs: readonly Run[]): string {
  const most = Math.max(0, ...runs.map(({ longTasksMs }) => longTasksMs.length));
  const longest = Math.max(0, ...runs.flatMap(({ longTasksMs }) => longTasksMs));
  return most === 0 ? 'none' : `${most}, to ${Math.round(longest)} ms`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = HEADINGS.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const [head = [], ...rest] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)];
}
