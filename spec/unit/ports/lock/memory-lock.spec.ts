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

  it('is passed on by a thousand holders that unsubscribe as soon as they get it', () => {
    const lock = memoryLock();
    const first = record(lock.hold('x'));
    for (let i = 0; i < 1000; i++) {
      const waiting = lock.hold('x').subscribe((phase) => phase === 'held' && waiting.unsubscribe());
    }
    const last = record(lock.hold('x'));
    first.unsubscribe();
    expect(last.values).toEqual(['waiting', 'held']);
  });

  it('has no second holder if one unsubscribes and requests it again as soon as it gets it', () => {
    const lock = memoryLock();
    const first = record(lock.hold('x'));
    const phases: string[] = [];
    const requestAgain = (): void => {
      waiting.unsubscribe();
      lock.hold('x').subscribe((next) => phases.push(next));
    };
    const waiting = lock.hold('x').subscribe((phase) => phase === 'held' && requestAgain());
    first.unsubscribe();
    expect(phases).toEqual(['held']);
    expect(record(lock.hold('x')).values).toEqual(['waiting']);
  });

  it('is independent of another lock', () => {
    expect([record(memoryLock().hold('x')).values, record(memoryLock().hold('x')).values]).toEqual([
      ['held'],
      ['held'],
    ]);
  });
});
