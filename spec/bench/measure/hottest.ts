import type { CpuProfile } from '../chromium/page.js';

/** The functions with the most self time in a profile: milliseconds, name and location, one per line. */
export function hottest({ nodes, samples, timeDeltas }: CpuProfile, count = 25): string[] {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const place = url === '' ? '' : ` ${url.split('/').at(-1) ?? ''}:${lineNumber + 1}`;
      return [id, `${functionName || '(anonymous)'}${place}`];
    }),
  );
  const times = new Map<string, number>();
  samples.forEach((id, i) => {
    const name = names.get(id) ?? '?';
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[i] ?? 0) / 1000);
  });
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, ms]) => `${ms.toFixed(1).padStart(9)} ms  ${name}`);
}
