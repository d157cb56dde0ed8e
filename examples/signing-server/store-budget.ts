import { Refusal, type User } from './policy/policy.js';

/** What one request of a user may still cause at the store. */
export interface StoreBudget {
  /**
   * To be called before each question to the store.
   * @throws Refusal 429
   */
  spend(): void;
}

export interface StoreBudgets {
  /** The budget of one request: never more than 32 questions, nor more than the user has left. */
  of(user: User): StoreBudget;
}

const MAX_CALLS_PER_REQUEST = 32;
const MAX_USERS = 10_000;

interface Account {
  left: number;
  /** milliseconds of the monotonic clock */
  readonly refilledAt: number;
}

/**
 * Questions to the store cost money and time, and a small request can cause many: so each user has so many a minute,
 * refilled steadily.
 * @param now - milliseconds of a monotonic clock
 */
export function createStoreBudgets(callsPerMinute: number, now: () => number = () => performance.now()): StoreBudgets {
  const accounts = new Map<string, Account>();

  const refilled = (account: Account, at: number): Account => {
    const gained = ((at - account.refilledAt) * callsPerMinute) / 60_000;
    return { left: Math.min(callsPerMinute, account.left + gained), refilledAt: at };
  };

  const accountOf = ({ id }: User): Account => {
    const at = now();
    const account = refilled(accounts.get(id) ?? { left: callsPerMinute, refilledAt: at }, at);
    // A full account is as good as none.
    if (accounts.size >= MAX_USERS) {
      for (const [other, old] of accounts) if (refilled(old, at).left >= callsPerMinute) accounts.delete(other);
    }
    accounts.set(id, account);
    return account;
  };

  return {
    of(user) {
      let left = MAX_CALLS_PER_REQUEST;
      return {
        spend() {
          const account = accountOf(user);
          if (left < 1) throw new Refusal('That is too much at once: ask for fewer requests together.', 429);
          if (account.left < 1) throw new Refusal('That is too much in a minute: try again later.', 429);
          left -= 1;
          account.left -= 1;
        },
      };
    },
  };
}
