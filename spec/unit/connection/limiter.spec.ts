import { asyncScheduler, EMPTY, merge, mergeMap, NEVER, Observable, of, range, throwError, timer } from 'rxjs';
import fc from 'fast-check';
import { createLimiter } from '../../../lib/connection/limiter.js';
import { at, inVirtualTime, record } from '../../support/virtual-time.js';

/** A request of that duration, which counts itself while it runs. */
function work(counter: { now: number; max: number; order: string[] }, name: string, ms: number): Observable<string> {
  return new Observable((subscriber) => {
    counter.now++;
    counter.max = Math.max(counter.max, counter.now);
    counter.order.push(name);
    subscriber.add(() => counter.now--);
    return timer(ms).subscribe({ next: () => subscriber.next(name), complete: () => subscriber.complete() });
  });
}

function newCounter(): { now: number; max: number; order: string[] } {
  return { now: 0, max: 0, order: [] };
}

describe('limiter', () => {
  it('runs as many requests at once as it has permits, and the rest as permits are returned', () => {
    const counter = newCounter();
    inVirtualTime(() => {
      const limiter = createLimiter(2);
      const owner = {};
      const all = record(range(1, 5).pipe(mergeMap((n) => limiter.run(owner, 'data', work(counter, `${n}`, 10)))));
      at(5, () => expect(counter.now).toBe(2));
      at(100, () => expect(all.times).toEqual([10, 10, 20, 20, 30]));
    });
    expect(counter.max).toBe(2);
  });

  it('lets the owners take turns, however many requests one of them has', () => {
    const counter = newCounter();
    inVirtualTime(() => {
      const limiter = createLimiter(1);
      const [a, b, c] = [{}, {}, {}];
      for (let i = 1; i <= 4; i++) record(limiter.run(a, 'data', work(counter, `a${i}`, 10)));
      record(limiter.run(b, 'data', work(counter, 'b1', 10)));
      record(limiter.run(b, 'data', work(counter, 'b2', 10)));
      record(limiter.run(c, 'data', work(counter, 'c1', 10)));
    });
    expect(counter.order.join(' ')).toBe('a1 a2 b1 c1 a3 b2 a4');
  });

  it('runs control requests before waiting parts', () => {
    const counter = newCounter();
    inVirtualTime(() => {
      const limiter = createLimiter(1);
      for (let i = 1; i <= 3; i++) record(limiter.run({}, 'data', work(counter, `part${i}`, 10)));
      record(limiter.run({}, 'control', work(counter, 'complete', 10)));
    });
    expect(counter.order.join(' ')).toBe('part1 complete part2 part3');
  });

  it.each([
    ['completes', EMPTY],
    ['fails', throwError(() => new Error('no'))],
  ])('takes the permit back when a request %s', (_, source$) => {
    const counter = newCounter();
    inVirtualTime(() => {
      const limiter = createLimiter(1);
      record(limiter.run({}, 'data', source$ as Observable<unknown>));
      record(limiter.run({}, 'data', work(counter, 'next', 10)));
    });
    expect(counter.order).toEqual(['next']);
  });

  it('takes the permit back when a request is unsubscribed from', () => {
    const counter = newCounter();
    inVirtualTime(() => {
      const limiter = createLimiter(1);
      const first = record(limiter.run({}, 'data', NEVER));
      record(limiter.run({}, 'data', work(counter, 'next', 10)));
      at(5, () => expect(counter.order).toEqual([]));
      at(6, () => first.unsubscribe());
    });
    expect(counter.order).toEqual(['next']);
  });

  it('starts no waiting request while its siblings are being unsubscribed', () => {
    const counter = newCounter();
    inVirtualTime(() => {
      const limiter = createLimiter(2);
      const all = record(range(1, 50).pipe(mergeMap((n) => limiter.run({}, 'data', work(counter, `${n}`, 10)))));
      at(5, () => all.unsubscribe());
    });
    expect(counter.order).toEqual(['1', '2']);
    expect(counter.now).toBe(0);
  });

  it('starts no waiting request while its siblings end with the error of the first one', () => {
    const counter = newCounter();
    inVirtualTime(() => {
      const limiter = createLimiter(1);
      const failing = timer(5).pipe(mergeMap(() => throwError(() => new Error('no'))));
      const requests = [failing, work(counter, 'sibling', 10)].map((request) => limiter.run({}, 'data', request));
      const all = record(merge(...requests));
      const other = record(limiter.run({}, 'data', work(counter, 'other', 10)));
      at(100, () => expect([all.endedAt, other.endedAt]).toEqual([5, 15]));
    });
    expect(counter.order).toEqual(['other']);
  });

  it('aborts nothing when it shrinks, and grows at once', () => {
    const counter = newCounter();
    inVirtualTime(() => {
      const limiter = createLimiter(3);
      record(range(1, 12).pipe(mergeMap((n) => limiter.run({}, 'data', work(counter, `${n}`, 10)))));
      at(5, () => limiter.resize(1));
      at(6, () => expect(counter.now).toBe(3));
      at(15, () => expect(counter.now).toBe(1));
      at(25, () => limiter.resize(4));
      at(26, () => expect(counter.now).toBe(4));
    });
    expect(counter.order).toHaveLength(12);
  });

  it('never leaks a permit and never grants too many, whatever is unsubscribed and when (3,000 random runs)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.record({ begin: fc.nat(20), ms: fc.nat(10), cancel: fc.option(fc.nat(30)) }), { maxLength: 12 }),
        (permits, requests) => {
          const counter = newCounter();
          let served = 0;
          inVirtualTime(() => {
            const limiter = createLimiter(permits);
            for (const { begin, ms, cancel } of requests) {
              at(begin, () => {
                const one = record(limiter.run({}, ms % 2 === 0 ? 'data' : 'control', work(counter, '', ms)));
                if (cancel !== null) at(Math.max(begin, cancel), () => one.unsubscribe());
              });
            }
            at(1000, () => {
              for (let i = 0; i < permits; i++) record(limiter.run({}, 'data', NEVER));
              limiter.run({}, 'data', of(1)).subscribe(() => served++);
            });
          });
          expect(counter.now).toBe(0);
          expect(counter.max).toBeLessThanOrEqual(permits);
          // All permits were available, and not one more.
          expect(served).toBe(0);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('passes a freed permit on in the same millisecond', () => {
    inVirtualTime(() => {
      const limiter = createLimiter(1);
      record(limiter.run({}, 'data', timer(7)));
      const second = record(limiter.run({}, 'data', of('now')));
      asyncScheduler.schedule(() => expect(second.times).toEqual([7]), 100);
    });
  });
});
