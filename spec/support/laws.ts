import type { UploadEvent } from 'rx-obs-upload';
import type { Recording } from './virtual-time.js';

const beforeStarted = new Set<UploadEvent['type']>(['waiting', 'retrying', 'warning', 'restarted']);

/** What holds of every stream of events, however it ended. */
export function expectLaws({ values, completed }: Recording<UploadEvent>): void {
  let mayStart = true;
  let hasStarted = false;
  let shown: number | null = null;
  let lost = 0;
  let total = Number.NaN;
  let acknowledged = new Set<number>();
  values.forEach((event, i) => {
    if (!hasStarted && event.type !== 'started') expect(beforeStarted).toContain(event.type);
    switch (event.type) {
      case 'started':
        expect(mayStart).toBe(true);
        [hasStarted, mayStart, total] = [true, false, event.totalBytes];
        break;
      case 'restarted':
        [mayStart, lost] = [true, event.lostBytes];
        break;
      case 'progress':
        expect(event.transferredBytes).toBeLessThanOrEqual(total);
        if (shown !== null) expect(event.transferredBytes).toBeGreaterThanOrEqual(shown - lost);
        [shown, lost] = [event.transferredBytes, 0];
        break;
      case 'checkpoint':
        acknowledged = new Set(event.checkpoint.parts.map((part) => part.partNumber));
        expect(acknowledged.size).toBe(event.checkpoint.parts.length);
        break;
      case 'part-completed':
        if (values.some(({ type }) => type === 'checkpoint')) expect(acknowledged).toContain(event.partNumber);
        break;
      case 'completing':
        expect(shown).toBe(total);
        break;
      case 'completed':
        expect(i).toBe(values.length - 1);
        break;
      default:
    }
  });
  if (completed) expect(values.at(-1)?.type).toBe('completed');
}
