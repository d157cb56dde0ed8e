import { fakeLock } from 'rx-obs-upload/testing';
import { record } from '../../../support/virtual-time.js';

describe('fakeLock', () => {
  it('exposes which names are requested, held and waited for', () => {
    const lock = fakeLock();
    const first = record(lock.hold('x'));
    record(lock.hold('x'));
    record(lock.hold('y'));
    expect([lock.asked, lock.held, lock.waiting]).toEqual([['x', 'x', 'y'], ['x', 'y'], ['x']]);
    first.unsubscribe();
    expect([lock.held, lock.waiting]).toEqual([['y', 'x'], []]);
  });

  it('can be held by another tab, for all names, until that tab releases it', () => {
    const lock = fakeLock();
    const before = record(lock.hold('x'));
    lock.holdElsewhere();
    const [a, b] = [record(lock.hold('a')), record(lock.hold('a'))];
    expect([before.values, a.values, b.values]).toEqual([['held'], ['waiting'], ['waiting']]);
    lock.releaseElsewhere();
    expect([a.values, b.values]).toEqual([['waiting', 'held'], ['waiting']]);
    a.unsubscribe();
    expect(b.values).toEqual(['waiting', 'held']);
  });

  it('is not passed to a caller that unsubscribed before the other tab released it', () => {
    const lock = fakeLock();
    lock.holdElsewhere();
    const unsubscribed = record(lock.hold('x'));
    unsubscribed.unsubscribe();
    lock.releaseElsewhere();
    expect([unsubscribed.values, lock.held]).toEqual([['waiting'], []]);
  });
});
