import { formatBytes, formatCount, formatPercent, formatSeconds } from '../../../examples/format.js';
import { progressDisplay, progressLine } from '../../../examples/node-cli/show-progress.js';
import { idleSnapshot, type UploadSnapshot } from '../../../lib/model/upload/snapshot.js';

describe('formatBytes', () => {
  it.each([
    [0, '0 bytes'],
    [0.4, '0 bytes'],
    [1, '1 byte'],
    [1023, '1023 bytes'],
    [1024, '1.0 KiB'],
    [9 * 1024 ** 2, '9.0 MiB'],
    [200 * 1024 ** 2, '200 MiB'],
    [48.8 * 1024 ** 4, '48.8 TiB'],
    [5000 * 1024 ** 4, '5000 TiB'],
  ])('%d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('formatSeconds', () => {
  it.each([
    [0, '0 s'],
    [0.2, '1 s'],
    [59.1, '1 min 0 s'],
    [95, '1 min 35 s'],
    [7265, '2 h 1 min'],
  ])('%d is %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});

describe('formatPercent', () => {
  it('shows 100 % only at the end', () => {
    expect([0, 0.5, 0.999, 1].map(formatPercent)).toEqual(['0 %', '50 %', '99 %', '100 %']);
  });
});

describe('formatCount', () => {
  it('separates thousands', () => {
    expect([7, 10_000].map(formatCount)).toEqual(['7', '10,000']);
  });
});

describe('progressLine', () => {
  const half: UploadSnapshot = {
    ...idleSnapshot,
    status: 'uploading',
    transferredBytes: 100 * 1024 ** 2,
    totalBytes: 200 * 1024 ** 2,
    fraction: 0.5,
    bytesPerSecond: 20 * 1024 ** 2,
    remainingSeconds: 5,
  };

  it('draws a bar and the figures', () => {
    expect(progressLine(half, 76)).toBe(
      `[${'█'.repeat(12)}${'░'.repeat(13)}] 50 %  100 MiB of 200 MiB, 20.0 MiB/s, 5 s left`,
    );
  });

  it('shows no percentage while the size is unknown, in a terminal and elsewhere', () => {
    const growing = { ...half, totalBytes: null, fraction: null, remainingSeconds: null, elapsedSeconds: 5 };
    expect(progressLine(growing, 76)).toBe('100 MiB sent, 20.0 MiB/s');
    const lines: string[] = [];
    const stream = { isTTY: false, write: (line: string) => lines.push(line) } as unknown as NodeJS.WriteStream;
    progressDisplay(stream).show(growing);
    progressDisplay(stream).show({ ...half, elapsedSeconds: 5 });
    expect(lines).toEqual(['100 MiB sent, 20.0 MiB/s\n', '50 %, 100 MiB of 200 MiB, 20.0 MiB/s, 5 s left\n']);
  });

  it.each([0, 10, 40, 60, 80, 400])('never wraps at %d columns', (columns) => {
    expect(progressLine(half, columns).length).toBeLessThan(Math.max(columns, 1));
  });

  it('shows what it is waiting for', () => {
    expect(progressLine({ ...half, status: 'retrying' }, 100)).toContain('trying again');
    expect(progressLine({ ...half, status: 'completing' }, 100)).toContain('finishing');
  });
});
