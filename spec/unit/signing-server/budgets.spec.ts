import { createBudgets, type Budgets } from '../../../lib/signing-server/budgets.js';
import { ann, bob, refusal } from './support.js';

function storeBudgets(maxStoreCallsPerMinute: number, now: () => number): Budgets {
  return createBudgets({ maxStoreCallsPerMinute, maxSignaturesPerMinute: 1 }, now);
}

describe('the budget of store calls', () => {
  it('is refilled steadily, up to the calls of one minute', () => {
    let now = 0;
    const budgets = storeBudgets(60, () => now);
    let budget = budgets.storeCalls(ann);
    /** Spends the rest of the budget, in requests of 10 calls each, and returns the number of calls. */
    const spendAll = (user = ann): number => {
      for (let count = 0; ; count += 1) {
        if (count % 10 === 0) budget = budgets.storeCalls(user);
        if (refusal(() => budget.spend()) !== null) return count;
      }
    };
    expect(spendAll()).toBe(60);
    expect(spendAll()).toBe(0);
    expect(spendAll(bob)).toBe(60);
    now += 5000;
    expect(spendAll()).toBe(5);
    now += 3_600_000;
    expect(spendAll()).toBe(60);
  });

  it('allows 32 calls per request', () => {
    const budget = storeBudgets(1000, () => 0).storeCalls(ann);
    for (let i = 0; i < 32; i++) expect(refusal(() => budget.spend())).toBeNull();
    expect(refusal(() => budget.spend())).toBe(429);
  });

  it('forgets users whose budget is full again', () => {
    let now = 0;
    const budgets = storeBudgets(1, () => now);
    for (let i = 0; i < 20_001; i++) {
      now += 60_000;
      budgets.storeCalls({ id: `user-${i}` }).spend();
    }
    expect(refusal(() => budgets.storeCalls({ id: 'user-20000' }).spend())).toBe(429);
  });
});

describe('the budget of signatures', () => {
  it('is separate for each user, and spent all or nothing', () => {
    let now = 0;
    const budgets = createBudgets({ maxStoreCallsPerMinute: 1, maxSignaturesPerMinute: 60 }, () => now);
    const spend = (count: number, user = ann): number | null => refusal(() => budgets.spendSignatures(user, count));
    expect([spend(50), spend(11), spend(10), spend(1), spend(60, bob)]).toEqual([null, 429, null, 429, null]);
    now += 1000;
    expect([spend(1), spend(1)]).toEqual([null, 429]);
  });
});
