import { emptyQueueState, idleSnapshot, type QueueRow, type QueueState } from 'rx-obs-upload';
import { stopwatch } from '../../../examples/recorder/stopwatch.js';
import type { Take } from '../../../examples/recorder/take.js';
import { announcementOf, bytesOf, clockOf, keyOf } from '../../../examples/recorder/words.js';

describe('stopwatch', () => {
  it('measures only while it runs', () => {
    let now = 0;
    const watch = stopwatch(() => now);
    expect(watch.seconds).toBe(0);
    watch.start();
    now = 2000;
    watch.start();
    expect(watch.seconds).toBe(2);
    watch.stop();
    now = 7000;
    watch.stop();
    expect(watch.seconds).toBe(2);
    watch.start();
    now = 7500;
    expect(watch.seconds).toBe(2.5);
  });
});

describe('the texts of the recorder', () => {
  it('show hours only if there are any', () => {
    expect([0, 63.9, 3599, 3723].map(clockOf)).toEqual(['00:00', '01:03', '59:59', '1:02:03']);
  });

  it('name a recording after its start time', () => {
    const date = new Date(2026, 10, 29, 8, 5, 9);
    expect(keyOf('', 'video/webm', date)).toBe('recording 2026-11-29 08.05.09.webm');
    expect(keyOf('demo/', 'video/mp4', date)).toBe('demo/recording 2026-11-29 08.05.09.mp4');
  });

  it('count the bytes that are not sent yet', () => {
    const row = { snapshot: { ...idleSnapshot, transferredBytes: 3, totalBytes: null, availableBytes: 10 } };
    expect(bytesOf(row as QueueRow)).toEqual({ produced: 10, sent: 3, waiting: 7 });
    const ended = { snapshot: { ...row.snapshot, totalBytes: 12, transferredBytes: 12 } };
    expect(bytesOf(ended as QueueRow)).toEqual({ produced: 12, sent: 12, waiting: 0 });
  });

  it('announce changes of status, not each byte', () => {
    const take = (phase: Take['phase']): Take => ({ phase, recording: null, problem: null });
    const state = (status: QueueRow['status']): QueueState => ({
      ...emptyQueueState,
      rows: [{ key: 'a.webm', status } as QueueRow],
    });
    expect(announcementOf(take('recording'), state('uploading'))).toBe('Recording.');
    expect(announcementOf(take('paused'), state('uploading'))).toBe('The recording is paused.');
    expect(announcementOf(take('ready'), state('uploading'))).toBe('The rest of a.webm is being sent.');
    expect(announcementOf(take('ready'), state('completed'))).toBe('a.webm is uploaded.');
    expect(announcementOf(take('ready'), state('failed'))).toBe('a.webm is not uploaded.');
    expect(announcementOf(take('ready'), emptyQueueState)).toBe('');
    const waiting = 'Waiting: another page still has b.webm.';
    expect(announcementOf(take('ready'), state('completed'), 'b.webm')).toBe(waiting);
    expect(announcementOf(take('recording'), state('uploading'), 'b.webm')).toBe('Recording.');
  });
});
