import { emptyQueueState, idleSnapshot, type QueueRow, type QueueState } from 'rx-obs-upload';
import { announcementOf, storedFileInWords } from '../../../examples/browser-page/describe.js';

function stateOf(status: QueueRow['status'], fraction: number): QueueState {
  const row = { id: '1', key: 'a.bin', status, snapshot: idleSnapshot } as QueueRow;
  const { counts, totals } = emptyQueueState;
  return { ...emptyQueueState, rows: [row], counts: { ...counts, [status]: 1 }, totals: { ...totals, fraction } };
}

describe('announcementOf', () => {
  it('changes with every 10 %, not with every byte', () => {
    const at = (fraction: number): string => announcementOf(stateOf('uploading', fraction));
    expect(at(0.44)).toBe('Uploading a.bin: 40 %.');
    expect(at(0.48)).toBe(at(0.44));
    expect(at(0.52)).toBe('Uploading a.bin: 50 %.');
  });

  it('announces the outcome', () => {
    expect(announcementOf(stateOf('failed', 0))).toBe('Ended: a.bin. It failed.');
    expect(announcementOf(stateOf('paused', 0))).toBe('Paused: a.bin, at 0 %.');
    expect(announcementOf(stateOf('completed', 1))).toBe('Completed: a.bin.');
    expect(announcementOf(emptyQueueState)).toBe('');
  });
});

describe('storedFileInWords', () => {
  it('names the file only if it is stored under the name of its key', () => {
    expect(storedFileInWords('.obs/objects/uploads', 'a/b c.bin')).toBe('.obs/objects/uploads/a/b c.bin');
    for (const key of ['50%.bin', 'a?', 'a//b', 'a.', 'x'.repeat(300)]) {
      expect(storedFileInWords('.obs/objects/uploads', key)).toBe('in .obs/objects/uploads');
    }
  });
});
