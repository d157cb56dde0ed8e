import { defer, of } from 'rxjs';
import type { PresigningOptions } from '../connection/options.js';
import type { ObsCredentials } from '../model/credentials.js';
import { obsDialect } from '../protocol/dialect.js';
import type { Clock } from '../connection/clock.js';
import type { SharedParts } from '../connection/obs-connection.js';
import { createPresignBatches } from './presign-batches.js';

/** Signatures by a backend, which has the credentials: here a placeholder stands for each generation of signatures. */
export function presigned(
  { presign, dialect = obsDialect }: Pick<PresigningOptions, 'presign' | 'dialect'>,
  clock: Clock,
): Pick<SharedParts, 'signer' | 'credentials'> {
  let batches = createPresignBatches(presign, clock);
  let generation: ObsCredentials = { accessKeyId: '', secretAccessKey: '' };

  /** A refused signature casts doubt on all of its generation, so they are requested again. */
  const signAgain = (refused: ObsCredentials): boolean => {
    if (refused === generation) {
      generation = { ...generation };
      batches = createPresignBatches(presign, clock);
    }
    return true;
  };

  return {
    signer: { dialect, isRemote: true, sign: (request, _, ahead) => batches.sign(request, ahead) },
    credentials: {
      held: () => generation,
      current$: defer(() => of(generation)),
      discard: signAgain,
      renew: signAgain,
      isUsable: (used) => used === generation,
      succeeded: () => undefined,
    },
  };
}
