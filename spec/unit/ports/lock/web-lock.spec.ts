import { webLock } from 'rx-obs-upload';
import { record } from '../../../support/virtual-time.js';

describe('webLock', () => {
  const original = Object.getOwnPropertyDescriptor(globalThis, 'navigator');

  afterEach(() => {
    if (original === undefined) Reflect.deleteProperty(globalThis, 'navigator');
    else Object.defineProperty(globalThis, 'navigator', original);
  });

  it('fails if the browser has no locks', async () => {
    Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
    const recording = record(webLock().hold('x'));
    await Promise.resolve();
    expect(recording.error).toBeInstanceOf(Error);
    expect(recording.values).toEqual([]);
  });

  it('fails when it is stolen', async () => {
    let steal: (error: Error) => void = () => undefined;
    const request = (
      _name: string,
      _options: object,
      granted: (lock: object) => Promise<unknown>,
    ): Promise<unknown> => {
      void granted({});
      return new Promise((_, reject) => (steal = reject));
    };
    Object.defineProperty(globalThis, 'navigator', { value: { locks: { request } }, configurable: true });
    const recording = record(webLock().hold('x'));
    expect(recording.values).toEqual(['held']);
    const stolen = new Error('stolen');
    steal(stolen);
    await new Promise((resolve) => setImmediate(resolve));
    expect(recording.error).toBe(stolen);
  });
});
