import { createObsConnection, type ObsConnection } from 'rx-obs-upload';
import type { SigningUser } from 'rx-obs-upload/signing-server';
import { Refusal } from '../../../lib/signing-server/refusal.js';
import { resolvePolicy, type ResolvedPolicy } from '../../../lib/signing-server/policy/resolve-policy.js';

export const connection: ObsConnection = createObsConnection({
  server: 'https://obs.test',
  credentials: { accessKeyId: 'AK', secretAccessKey: 'SK' },
});
export const policy: ResolvedPolicy = resolvePolicy({ buckets: ['media'] }, connection);
export const ann: SigningUser = { id: 'ann' };
export const bob: SigningUser = { id: 'bob' };

/** The status of the refusal; null if there is none. */
export function refusal(act: () => unknown): number | null {
  try {
    act();
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    return (error as Refusal).status;
  }
}
