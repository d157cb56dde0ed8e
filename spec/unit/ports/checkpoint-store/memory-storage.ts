import type { KeyValueStorage } from 'rx-obs-upload';

/** A `Storage` in memory that holds at most that many characters. */
export function createMemoryStorage(quota = Infinity): KeyValueStorage {
  const entries = new Map<string, string>();
  return {
    get length() {
      return entries.size;
    },
    key: (index) => [...entries.keys()][index] ?? null,
    getItem: (key) => entries.get(key) ?? null,
    removeItem: (key) => void entries.delete(key),
    setItem: (key, value) => {
      const others = [...entries].reduce((sum, [k, v]) => (k === key ? sum : sum + k.length + v.length), 0);
      if (others + key.length + value.length > quota)
        throw Object.assign(new Error('full'), { name: 'QuotaExceededError' });
      entries.set(key, value);
    },
  };
}
