import { defer, of } from 'rxjs';
import type { PresigningOptions } from '../connection/options.js';
import type { ObsCredentials } from '../model/credentials.js';
import { obsDialect } from '../protocol/dialect.js';
import type { Clock } from '../connection/clock.js';
import type { SharedParts } from '../connection/obs-connection.js';
import { createPresignBatches } from './presign-batches.js';

/** Signatures by a backend. It holds the keys, so here nobody's stand for them. */
export function presigned(
  { presign, dialect = obsDialect }: Pick<PresigningOptions, 'presign' | 'dialect'>,
  clock: Clock,
): Pick<SharedParts, 'signer' | 'credentials'> {
  let batches = createPresignBatches(presign, clock);
  let nobody: ObsCredentials = { accessKeyId: '', secretAccessKey: '' };

  /** One signature that is refused casts doubt on those that were made with it: they are asked for again. */
  const askAgain = (refused: ObsCredentials): boolean => {
    if (refused === nobody) {
      nobody = { ...nobody };
      batches = createPresignBatches(presign, clock);
    }
    return true;
  };

  return {
    signer: { dialect, isRemote: true, sign: (request, _, ahead) => batches.sign(request, ahead) },
    credentials: {
      held: () => nobody,
      current$: defer(() => of(nobody)),
      discard: askAgain,
      renew: askAgain,
      isUsable: (used) => used === nobody,
      succeeded: () => undefined,
    },
  };
}
