import { concat, of } from 'rxjs';
import { nextTask$ } from '../../../lib/ports/next-task.js';
import { record, runVirtually } from '../../support/virtual-time.js';

describe('the next task', () => {
  afterEach(() => jest.restoreAllMocks());

  it('comes after this one and its microtasks, without a timer', async () => {
    const setTimer = jest.spyOn(globalThis, 'setInterval');
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      nextTask$().subscribe({ complete: () => (order.push('next task'), resolve()) });
      void Promise.resolve().then(() => order.push('microtask'));
      order.push('this task');
    });
    expect(order).toEqual(['this task', 'microtask', 'next task']);
    expect(setTimer).not.toHaveBeenCalled();
  });

  it('never comes once it is unsubscribed from', async () => {
    const completed = jest.fn();
    nextTask$().subscribe({ complete: completed }).unsubscribe();
    await new Promise<void>((resolve) => nextTask$().subscribe({ complete: resolve }));
    expect(completed).not.toHaveBeenCalled();
  });

  it('is at the same time in virtual time', () => {
    const events = runVirtually(() => record(concat(nextTask$(), of('a'))));
    expect(events).toMatchObject({ values: ['a'], times: [0], completed: true });
  });
});
