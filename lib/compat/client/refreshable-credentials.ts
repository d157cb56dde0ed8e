import { defer } from 'rxjs';
import type { Clock } from '../../connection/clock.js';
import { holdCredentials, type CredentialsHolder } from '../../signing/credentials.js';
import type { ObsCredentials } from '../../model/credentials.js';

/** Credentials that can be replaced while requests are running. */
export interface RefreshableCredentials extends CredentialsHolder {
  readonly credentials: ObsCredentials;
  refresh(credentials: ObsCredentials): void;
}

/** Requests refused with old credentials are retried with the new ones; waiting ones are signed again. */
export function refreshableCredentials(first: ObsCredentials, clock: Clock): RefreshableCredentials {
  let credentials = first;
  let holder = holdCredentials(credentials, clock);
  return {
    get credentials() {
      return credentials;
    },
    refresh(next) {
      credentials = next;
      holder = holdCredentials(credentials, clock);
    },
    held: () => holder.held(),
    current$: (withinMs) => defer(() => holder.current$(withinMs)),
    discard: (refused) => refused !== credentials || holder.discard(refused),
    renew: (doubtful) => doubtful !== credentials || holder.renew(doubtful),
    isUsable: (used) => used === credentials && holder.isUsable(used),
    succeeded: () => holder.succeeded(),
  };
}
