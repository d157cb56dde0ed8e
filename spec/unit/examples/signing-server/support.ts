import { defaultPolicy } from '../../../../examples/signing-server/default-policy.js';
import { Refusal, type SigningPolicy, type User } from '../../../../examples/signing-server/policy/policy.js';

export const policy: SigningPolicy = defaultPolicy({ server: 'https://obs.test', bucket: 'media' });
export const ann: User = { id: 'ann' };
export const bob: User = { id: 'bob' };

/** The status that it is refused with; null where it is not. */
export function refusal(act: () => unknown): number | null {
  try {
    act();
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    return (error as Refusal).status;
  }
}
