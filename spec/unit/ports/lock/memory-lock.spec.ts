import { memoryLock } from 'rx-obs-upload';
import { record } from '../../../support/virtual-time.js';

describe('memoryLock', () => {
  it('is synchronous', () => {
    const lock = memoryLock();
    const a = record(lock.hold('x'));
    const b = record(lock.hold('x'));
    expect([a.values, b.values]).toEqual([['held'], ['waiting']]);
    a.unsubscribe();
    expect(b.values).toEqual(['waiting', 'held']);
  });

  it('is handed on through a thousand who leave in the moment of getting it', () => {
    const lock = memoryLock();
    const first = record(lock.hold('x'));
    for (let i = 0; i < 1000; i++) {
      const waiting = lock.hold('x').subscribe((phase) => phase === 'held' && waiting.unsubscribe());
    }
    const last = record(lock.hold('x'));
    first.unsubscribe();
    expect(last.values).toEqual(['waiting', 'held']);
  });

  it('is with nobody else when someone leaves and asks again in the moment of getting it', () => {
    const lock = memoryLock();
    const first = record(lock.hold('x'));
    const again: string[] = [];
    const askAgain = (): void => {
      waiting.unsubscribe();
      lock.hold('x').subscribe((next) => again.push(next));
    };
    const waiting = lock.hold('x').subscribe((phase) => phase === 'held' && askAgain());
    first.unsubscribe();
    expect(again).toEqual(['held']);
    expect(record(lock.hold('x')).values).toEqual(['waiting']);
  });

  it('is apart from another one', () => {
    expect([record(memoryLock().hold('x')).values, record(memoryLock().hold('x')).values]).toEqual([
      ['held'],
      ['held'],
    ]);
  });
});
