import { defer } from 'rxjs';
import type { Clock } from '../../connection/clock.js';
import { holdCredentials, type CredentialsHolder } from '../../signing/credentials.js';
import type { ObsCredentials } from '../../model/credentials.js';

/** Keys that can be put in the place of others while requests run. */
export interface RefreshableCredentials extends CredentialsHolder {
  readonly keys: ObsCredentials;
  refresh(keys: ObsCredentials): void;
}

/** What is refused under old keys is sent again under the new ones; what waits is signed again. */
export function refreshableCredentials(first: ObsCredentials, clock: Clock): RefreshableCredentials {
  let keys = first;
  let holder = holdCredentials(keys, clock);
  return {
    get keys() {
      return keys;
    },
    refresh(next) {
      keys = next;
      holder = holdCredentials(keys, clock);
    },
    held: () => holder.held(),
    current$: defer(() => holder.current$),
    discard: (refused) => refused !== keys || holder.discard(refused),
    renew: (doubtful) => doubtful !== keys || holder.renew(doubtful),
    isUsable: (used) => used === keys && holder.isUsable(used),
    succeeded: () => holder.succeeded(),
  };
}
