import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import ts from 'typescript';
import { isVirtualTime, monotonicNow, wallNow } from '../../lib/time.js';

const HOUR = 3_600_000;
const lib = join(__dirname, '..', '..', 'lib');

describe('the two clocks', () => {
  afterEach(() => jest.restoreAllMocks());

  it('are read in one place', () => {
    const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
    expect(files.length).toBeGreaterThan(100);
    const readers = files.filter((path) => readsClock(readFileSync(join(lib, path), 'utf8')));
    expect(readers).toEqual(['time.ts']);
  });

  it.each([
    ['an hour forward', () => Date.now() + HOUR],
    ['a day back', () => Date.now() - 24 * HOUR],
  ])('measure durations correctly if the wall clock is set: %s', (_, set) => {
    const before = monotonicNow();
    const time = set();
    jest.spyOn(Date, 'now').mockReturnValue(time);
    expect(wallNow()).toBe(time);
    expect(monotonicNow() - before).toBeGreaterThanOrEqual(0);
    expect(monotonicNow() - before).toBeLessThan(HOUR);
  });

  it('tolerate a wall clock that is set between two reads', () => {
    const start = Date.now();
    let reads = 0;
    jest.spyOn(Date, 'now').mockImplementation(() => start + (reads++ % 2 === 0 ? HOUR : -HOUR));
    const before = monotonicNow();
    for (let i = 0; i < 10; i++) expect(monotonicNow() - before).toBeLessThan(HOUR);
    expect(isVirtualTime()).toBe(false);
  });

  it('are both virtual in a TestScheduler, until it has run', () => {
    new TestScheduler(() => true).run(({ flush }) => {
      expect([isVirtualTime(), wallNow(), monotonicNow()]).toEqual([true, 0, 0]);
      const seen: number[] = [];
      asyncScheduler.schedule(() => seen.push(wallNow(), monotonicNow()), HOUR);
      flush();
      expect(seen).toEqual([HOUR, HOUR]);
    });
    expect(isVirtualTime()).toBe(false);
    expect(Math.abs(wallNow() - Date.now())).toBeLessThan(HOUR);
  });

  it('follow fake timers, where only the wall clock can be set', () => {
    jest.useFakeTimers({ now: 0 });
    try {
      const before = monotonicNow();
      jest.advanceTimersByTime(HOUR);
      jest.setSystemTime(-HOUR);
      expect(monotonicNow() - before).toBe(HOUR);
    } finally {
      jest.useRealTimers();
    }
  });
});

/** Whether code reads a clock, apart from comments and messages. */
function readsClock(text: string): boolean {
  if (!/\.now\b|new Date\(\)|\.timeStamp\b/.test(text)) return false;
  const isRead = (node: ts.Node): boolean =>
    (ts.isPropertyAccessExpression(node) &&
      /^(?:Date|performance|\w*[sS]cheduler)\.now$|\.timeStamp$/.test(node.getText())) ||
    (ts.isNewExpression(node) && /^new Date(?:\(\))?$/.test(node.getText())) ||
    (ts.forEachChild(node, (child) => isRead(child) || undefined) ?? false);
  return isRead(ts.createSourceFile('lib.ts', text, ts.ScriptTarget.Latest, true));
}
