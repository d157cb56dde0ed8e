import { createBudgets, type Budgets } from '../../../lib/signing-server/budgets.js';
import { ann, bob, refusal } from './support.js';

function storeBudgets(maxStoreCallsPerMinute: number, now: () => number): Budgets {
  return createBudgets({ maxStoreCallsPerMinute, maxSignaturesPerMinute: 1 }, now);
}

describe('the budget of requests to the store', () => {
  it('is refilled steadily, up to what one minute has', () => {
    let now = 0;
    const budgets = storeBudgets(60, () => now);
    let budget = budgets.storeCalls(ann);
    /** Spends all that is left, in requests that need 10 calls. */
    const spent = (user = ann): number => {
      for (let count = 0; ; count += 1) {
        if (count % 10 === 0) budget = budgets.storeCalls(user);
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

  it('of one request is 32 calls', () => {
    const budget = storeBudgets(1000, () => 0).storeCalls(ann);
    for (let i = 0; i < 32; i++) expect(refusal(() => budget.spend())).toBeNull();
    expect(refusal(() => budget.spend())).toBe(429);
  });

  it('forgets users who have all of theirs again', () => {
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
  it('is spent by each user alone, all or nothing', () => {
    let now = 0;
    const budgets = createBudgets({ maxStoreCallsPerMinute: 1, maxSignaturesPerMinute: 60 }, () => now);
    const spend = (count: number, user = ann): number | null => refusal(() => budgets.spendSignatures(user, count));
    expect([spend(50), spend(11), spend(10), spend(1), spend(60, bob)]).toEqual([null, 429, null, 429, null]);
    now += 1000;
    expect([spend(1), spend(1)]).toEqual([null, 429]);
  });
});
