import type { UploadSnapshot } from 'rx-obs-upload';
import { formatBytes, formatBytesOf, formatPercent, formatSeconds } from '../format.js';
import { printable } from './printable.js';

/** Between two lines where there is no terminal to draw on. */
const LINE_EVERY_SECONDS = 2;

/** Shows how far an upload is: as a bar that redraws itself in a terminal, else as a line every now and then. */
export interface ProgressDisplay {
  readonly show: (snapshot: UploadSnapshot) => void;
  /** A line of its own, above the bar. */
  readonly printLine: (line: string) => void;
  /** Leaves the cursor on a fresh line. */
  readonly end: () => void;
}

export function progressDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  return stream.isTTY ? barDisplay(stream) : lineDisplay(stream);
}

/** `a.mp4  [#####.....]` and the figures, cut to the terminal's width. */
export function progressLine(snapshot: UploadSnapshot, columns: number): string {
  if (snapshot.fraction === null) return figures(snapshot).slice(0, Math.max(0, columns - 1));
  const percent = formatPercent(snapshot.fraction).padStart(5);
  const text = `${percent}  ${figures(snapshot)}`;
  const width = Math.min(40, columns - text.length - 4);
  if (width < 5) return text.slice(0, Math.max(0, columns - 1));
  const filled = Math.floor(snapshot.fraction * width);
  return `[${'█'.repeat(filled)}${'░'.repeat(width - filled)}]${text}`;
}

function figures({ status, transferredBytes, totalBytes, bytesPerSecond, remainingSeconds }: UploadSnapshot): string {
  const parts = [
    totalBytes === null ? `${formatBytes(transferredBytes)} sent` : formatBytesOf(transferredBytes, totalBytes),
  ];
  if (bytesPerSecond !== null) parts.push(`${formatBytes(bytesPerSecond)}/s`);
  if (status === 'uploading' && remainingSeconds !== null) parts.push(`${formatSeconds(remainingSeconds)} left`);
  if (status === 'completing') parts.push('finishing');
  if (status === 'retrying') parts.push('trying again');
  return parts.join(', ');
}

function barDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  let drawn = '';
  const clear = (): void => {
    if (drawn !== '') stream.write('\r\u001b[K');
    drawn = '';
  };
  return {
    show: (snapshot) => {
      if (snapshot.parts.length === 0) return;
      const line = progressLine(snapshot, stream.columns || 80);
      if (line === drawn) return;
      stream.write(`\r${line}\u001b[K`);
      drawn = line;
    },
    printLine: (line) => {
      clear();
      stream.write(`${printable(line)}\n`);
    },
    end: () => {
      if (drawn !== '') stream.write('\n');
      drawn = '';
    },
  };
}

function lineDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  let shownAt = 0;
  return {
    show: (snapshot) => {
      const { status, elapsedSeconds } = snapshot;
      if (status !== 'uploading' || elapsedSeconds - shownAt < LINE_EVERY_SECONDS) return;
      shownAt = elapsedSeconds;
      const percent = snapshot.fraction === null ? '' : `${formatPercent(snapshot.fraction)}, `;
      stream.write(`${percent}${figures(snapshot)}\n`);
    },
    printLine: (line) => void stream.write(`${printable(line)}\n`),
    end: () => undefined,
  };
}
