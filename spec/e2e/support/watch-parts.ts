import type { ObsServer } from 'rx-obs-upload/server';

export function numbersTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** Tracks the parts on the server while its client is killed repeatedly. */
export function watchParts({ log, control }: Pick<ObsServer, 'log' | 'control'>): {
  /** Parts that were on the server at the last call and have been sent again since. */
  again(): readonly (number | null)[];
  /** Parts that were on the server at any call. */
  stored(): readonly number[];
} {
  const stored = new Set<number>();
  let seen = 0;
  return {
    again() {
      const later = log.entries.slice(seen).filter(({ operation }) => operation === 'uploadPart');
      const again = later.map(({ partNumber }) => partNumber).filter((number) => stored.has(number ?? 0));
      seen = log.entries.length;
      for (const { parts } of control.state.uploads.values()) for (const number of parts.keys()) stored.add(number);
      return again;
    },
    stored: () => [...stored].sort((a, b) => a - b),
  };
}
