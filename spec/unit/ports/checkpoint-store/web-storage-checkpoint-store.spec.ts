import { from } from 'rxjs';
import { webStorageCheckpointStore } from 'rx-obs-upload';
import { checkpointFor } from '../../../conformance/checkpoint-store-scenarios.js';
import { record } from '../../../support/virtual-time.js';
import { createMemoryStorage } from './memory-storage.js';

describe('webStorageCheckpointStore', () => {
  it('stores one entry per checkpoint under its own prefix, and leaves other entries alone', () => {
    const storage = createMemoryStorage();
    storage.setItem('theme', 'dark');
    storage.setItem('rx-obs-upload', '{}');
    const store = webStorageCheckpointStore(storage);
    record(from(store.save('a', checkpointFor('a'))));
    record(from(store.save('b', checkpointFor('b'))));
    expect(record(from(store.list())).values.flat()).toHaveLength(2);
    record(from(store.remove('a')));
    expect(Array.from({ length: storage.length }, (_, i) => storage.key(i))).toEqual([
      'theme',
      'rx-obs-upload',
      'rx-obs-upload:checkpoint:b',
    ]);
  });

  it('reports a full storage as an error of save, and preserves the stored checkpoint', () => {
    const store = webStorageCheckpointStore(createMemoryStorage(1000));
    record(from(store.save('a', checkpointFor('a'))));
    expect(record(from(store.save('a', checkpointFor('a'.repeat(1000))))).error).toMatchObject({
      name: 'QuotaExceededError',
    });
    expect(record(from(store.load('a'))).values).toEqual([checkpointFor('a')]);
  });

  it('accesses the storage at each use, and reports a blocked storage as an error', () => {
    const blocked = Object.assign(new Error('blocked'), { name: 'SecurityError' });
    const store = webStorageCheckpointStore(() => {
      throw blocked;
    });
    const results = [store.load('a'), store.save('a', checkpointFor('a')), store.remove('a'), store.list()];
    expect(results.map((result) => record(from(result)).error)).toEqual([blocked, blocked, blocked, blocked]);
  });

  it.each([undefined, null, 'localStorage'])('refuses %p as a storage', (storage) => {
    expect(() => webStorageCheckpointStore(storage as unknown as Storage)).toThrow(
      expect.objectContaining({ name: 'InvalidOptionsError', option: 'storage' }) as Error,
    );
  });
});
