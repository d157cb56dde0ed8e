import { idleSnapshot, parseCheckpoint, reduceUpload } from 'rx-obs-upload';
import { checkpointOf, errorInfoOf, events, resultOf, snapshotOf } from 'rx-obs-upload/testing';

describe('event builders', () => {
  it('create a notification of the type that they are named after', () => {
    const types = Object.entries(events).map(([name, build]) => {
      const { type } = build();
      return [name, type.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
    });
    expect(types.filter(([name, type]) => name !== type)).toEqual([['queued', 'waiting']]);
  });

  it('accept fields that replace the defaults, but no other type', () => {
    expect(events.progress({ transferredBytes: 5 })).toEqual({
      type: 'progress',
      transferredBytes: 5,
      totalBytes: 250_000,
      availableBytes: 250_000,
      elapsedSeconds: 0,
      bytesPerSecond: null,
    });
    expect(events.failed({ error: errorInfoOf({ code: 'stalled' }) }).error.code).toBe('stalled');
  });

  it('are plain JSON', () => {
    for (const build of Object.values(events)) {
      const notification = build();
      expect(JSON.parse(JSON.stringify(notification))).toEqual(notification);
    }
  });

  it('fit together as one upload', () => {
    expect(
      snapshotOf(events.started(), events.partStarted(), events.progress({ transferredBytes: 125_000 })),
    ).toMatchObject({ status: 'uploading', fraction: 0.5, parts: ['sending', 'waiting', 'waiting'] });
    expect(snapshotOf(events.started(), events.checkpoint(), events.partCompleted()).parts).toEqual([
      'done',
      'waiting',
      'waiting',
    ]);
    expect(snapshotOf(events.started(), events.failed())).toMatchObject({
      status: 'failed',
      checkpoint: checkpointOf(),
    });
    expect(snapshotOf()).toBe(idleSnapshot);
    expect(reduceUpload(idleSnapshot, events.completed()).result).toEqual(resultOf());
  });

  it('create checkpoints that the library accepts', () => {
    expect(parseCheckpoint(checkpointOf())).toEqual(checkpointOf());
    const other = checkpointOf({ key: 'b.bin', parts: [], file: { name: 'b.bin', lastModified: null } });
    expect(parseCheckpoint(other)).toMatchObject({ key: 'b.bin', file: { name: 'b.bin', size: 250_000 } });
  });
});
