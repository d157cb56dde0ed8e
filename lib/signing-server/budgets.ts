import { monotonicNow } from '../time.js';
import { Refusal } from './refusal.js';
import type { SigningUser } from './policy/signing-policy.js';

/** What one request of a user may still cause at the store. */
export interface StoreBudget {
  /**
   * Call before each request to the store.
   * @throws Refusal 429
   */
  spend(): void;
}

/** How much each user may still request, refilled steadily. */
export interface Budgets {
  /** The store calls of one request: never more than 32, nor more than the user has left in this minute. */
  storeCalls(user: SigningUser): StoreBudget;
  /** @throws Refusal 429 */
  spendSignatures(user: SigningUser, count: number): void;
}

export interface BudgetLimits {
  readonly maxStoreCallsPerMinute: number;
  readonly maxSignaturesPerMinute: number;
}

const MAX_CALLS_PER_REQUEST = 32;

/**
 * Requests to the store cost money and time, and a small request can cause many: each user has a number of them a
 * minute, and a number of signatures.
 * @param now - milliseconds of a monotonic clock
 */
export function createBudgets(limits: BudgetLimits, now: () => number = monotonicNow): Budgets {
  const calls = createAllowances(limits.maxStoreCallsPerMinute, now);
  const signatures = createAllowances(limits.maxSignaturesPerMinute, now);
  return {
    storeCalls(user) {
      let left = MAX_CALLS_PER_REQUEST;
      return {
        spend() {
          if (left < 1) throw new Refusal('This needs too many requests to the store: send fewer at once.', 429);
          calls.spend(user, 1);
          left -= 1;
        },
      };
    },
    spendSignatures: signatures.spend,
  };
}

const MAX_USERS = 10_000;

interface Account {
  left: number;
  /** milliseconds of the monotonic clock */
  readonly refilledAt: number;
}

interface Allowances {
  readonly spend: (user: SigningUser, count: number) => void;
}

/** A token bucket for each user. */
function createAllowances(perMinute: number, now: () => number): Allowances {
  const accounts = new Map<string, Account>();

  const refilled = (account: Account, at: number): Account => {
    const gained = ((at - account.refilledAt) * perMinute) / 60_000;
    return { left: Math.min(perMinute, account.left + gained), refilledAt: at };
  };

  const accountOf = ({ id }: SigningUser): Account => {
    const at = now();
    const account = refilled(accounts.get(id) ?? { left: perMinute, refilledAt: at }, at);
    // A full account is as good as none.
    if (accounts.size >= MAX_USERS) {
      for (const [other, old] of accounts) if (refilled(old, at).left >= perMinute) accounts.delete(other);
    }
    accounts.set(id, account);
    return account;
  };

  return {
    spend: (user, count) => {
      const account = accountOf(user);
      if (account.left < count) throw new Refusal('There were too many requests in this minute: try again later.', 429);
      account.left -= count;
    },
  };
}
