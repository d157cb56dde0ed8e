import { createStoreBudgets } from '../../../../examples/signing-server/store-budget.js';
import { ann, bob, refusal } from './support.js';

describe('The budget of questions to the store', () => {
  it('is refilled steadily, up to what one minute has', () => {
    let now = 0;
    const budgets = createStoreBudgets(60, () => now);
    let budget = budgets.of(ann);
    /** Asks as many times as it may, in requests of 10 questions. */
    const spent = (user = ann): number => {
      for (let count = 0; ; count += 1) {
        if (count % 10 === 0) budget = budgets.of(user);
        if (refusal(() => budget.spend()) !== null) return count;
      }
    };
    expect(spent()).toBe(60);
    expect(spent()).toBe(0);
    expect(spent(bob)).toBe(60);
    now += 5000;
    expect(spent()).toBe(5);
    now += 3_600_000;
    expect(spent()).toBe(60);
  });

  it('of one request is 32 questions', () => {
    const budget = createStoreBudgets(1000, () => 0).of(ann);
    for (let i = 0; i < 32; i++) expect(refusal(() => budget.spend())).toBeNull();
    expect(refusal(() => budget.spend())).toBe(429);
  });

  it('forgets users who have all of theirs again', () => {
    let now = 0;
    const budgets = createStoreBudgets(1, () => now);
    for (let i = 0; i < 20_001; i++) {
      now += 60_000;
      budgets.of({ id: `user-${i}` }).spend();
    }
    expect(refusal(() => budgets.of({ id: 'user-20000' }).spend())).toBe(429);
  });
});
