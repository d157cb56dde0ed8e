const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1536` is `1.5 KiB`; one decimal place while the number is short, so that a growing one does not jump about. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** power;
  const unit = bytes === 1 ? 'byte' : (UNITS[power] ?? 'bytes');
  return `${power === 0 ? Math.round(value) : value.toFixed(value < 100 ? 1 : 0)} ${unit}`;
}

/** `95` is `1 min 35 s`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `1 KiB of 2 KiB`; without a total while a stream has not ended. */
export function formatBytesOf(bytes: number, total: number | null): string {
  return total === null ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(total)}`;
}

/** Rounded down: 100 % means all of it. A dash while a stream has not ended. */
export function formatPercent(fraction: number | null): string {
  return fraction === null ? '–' : `${Math.floor(fraction * 100)} %`;
}

/** `10000` is `10,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}
