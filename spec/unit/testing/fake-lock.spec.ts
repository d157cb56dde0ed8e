import { fakeLock } from 'rx-obs-upload/testing';
import { record } from '../../support/virtual-time.js';

describe('fakeLock', () => {
  it('shows who asked, holds and waits', () => {
    const lock = fakeLock();
    const first = record(lock.hold('x'));
    record(lock.hold('x'));
    record(lock.hold('y'));
    expect([lock.asked, lock.held, lock.waiting]).toEqual([['x', 'x', 'y'], ['x', 'y'], ['x']]);
    first.unsubscribe();
    expect([lock.held, lock.waiting]).toEqual([['y', 'x'], []]);
  });

  it('is held by another tab, whatever the name, until that is closed', () => {
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

  it('is not got by who has left before the other tab is closed', () => {
    const lock = fakeLock();
    lock.holdElsewhere();
    const left = record(lock.hold('x'));
    left.unsubscribe();
    lock.releaseElsewhere();
    expect([left.values, lock.held]).toEqual([['waiting'], []]);
  });
});
