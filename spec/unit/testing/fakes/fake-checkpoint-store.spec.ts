import { from } from 'rxjs';
import { fakeCheckpointStore } from 'rx-obs-upload/testing';
import { checkpointFor } from '../../../conformance/checkpoint-store-scenarios.js';
import { record, runVirtually } from '../../../support/virtual-time.js';

const CHECKPOINT = checkpointFor('a');

describe('fakeCheckpointStore', () => {
  it('is synchronous, and exposes its calls and entries', () => {
    const store = fakeCheckpointStore();
    expect(record(from(store.save('a', CHECKPOINT))).completed).toBe(true);
    expect(record(from(store.load('a'))).values).toEqual([CHECKPOINT]);
    expect(store.counts).toEqual({ load: 1, save: 1, remove: 0, list: 0 });
    expect(store.entries.get('a')?.checkpoint).toEqual(CHECKPOINT);
    expect(store.bytesWritten).toBe(new TextEncoder().encode(JSON.stringify(store.entries.get('a'))).length);
  });

  it('responds after its latency, and saves nothing for a caller that has unsubscribed', () => {
    const store = fakeCheckpointStore({ latencyMs: 5 });
    const saved = runVirtually(() => {
      record(from(store.save('left', CHECKPOINT))).unsubscribe();
      const saving = record(from(store.save('a', CHECKPOINT)));
      expect(store.entries.size).toBe(0);
      return saving;
    });
    expect(saved.endedAt).toBe(5);
    expect([...store.entries.keys()]).toEqual(['a']);
  });

  it('fails in the given way, the given number of times', () => {
    const store = fakeCheckpointStore({ failures: [{ on: 'save', as: 'quota', after: 1, times: 2 }] });
    const saves = [1, 2, 3, 4].map(() => record(from(store.save('a', CHECKPOINT))));
    expect(saves.map(({ error }) => (error as Error | undefined)?.name ?? null)).toEqual([
      null,
      'QuotaExceededError',
      'QuotaExceededError',
      null,
    ]);
  });

  it('fails with each fault until it is healed', () => {
    const store = fakeCheckpointStore();
    record(from(store.save('a', CHECKPOINT)));
    store.fail({ on: 'load', as: 'corrupt', times: 1 }, { on: 'list', as: 'silence' }, { on: 'remove', as: 'blocked' });
    expect(record(from(store.load('a'))).error).toMatchObject({ name: 'CheckpointError' });
    expect(record(from(store.load('a'))).values).toEqual([CHECKPOINT]);
    expect(record(from(store.list())).endedAt).toBeNull();
    expect(record(from(store.remove('a'))).error).toMatchObject({ name: 'SecurityError' });
    store.heal();
    expect(record(from(store.remove('a'))).completed).toBe(true);
  });

  it('stores what another script puts there, but does not return it if it is invalid', () => {
    const store = fakeCheckpointStore();
    store.put('a', { version: 1 });
    expect(record(from(store.load('a'))).error).toMatchObject({ name: 'CheckpointError' });
    expect(record(from(store.list())).values).toEqual([[]]);
  });
});
