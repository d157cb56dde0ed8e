import { NetworkError, type Transport } from 'rx-obs-upload';
import { createFakeObs, on, type FakeObs } from 'rx-obs-upload/testing';
import { filter, map, merge, takeWhile, type Observable } from 'rxjs';

/** All that was uploaded is in the page's memory. */
export const MAX_FILE_BYTES: number = 128 * 1024 * 1024;

const MIN_PART_BYTES = 102_400;
const PARTS = 40;
const SECONDS_A_PART = 1.4;

/** A fake store behind a network that can be broken. */
export interface Store {
  readonly fake: FakeObs;
  readonly transport: Transport;
  /** bytes; about 40 parts a file, so that there is something to watch */
  readonly partSize: number;
  refuseNextPart(): void;
}

/** As fast as a file of this size needs to be uploaded within a quarter of a minute. */
export function createStore(fileSize: number, isBroken$: Observable<boolean>): Store {
  const partSize = Math.max(MIN_PART_BYTES, Math.ceil(fileSize / PARTS));
  const fake = createFakeObs({ latencyMs: 80, bytesPerSecond: partSize / SECONDS_A_PART, progressSteps: 12 });
  return {
    fake,
    transport: breakable(fake.transport, isBroken$),
    partSize,
    refuseNextPart: () => fake.addFaults(on('uploadPart').respond(503, 'SlowDown')),
  };
}

/** While the network is broken, what is in flight fails, and so does what is sent. */
function breakable(transport: Transport, isBroken$: Observable<boolean>): Transport {
  const failure$ = isBroken$.pipe(
    filter((isBroken) => isBroken),
    map((): never => {
      throw new NetworkError('network', 'The network is broken.', { retryable: true });
    }),
  );
  return {
    ...transport,
    send: (request) =>
      merge(failure$, transport.send(request)).pipe(takeWhile(({ type }) => type !== 'response', true)),
  };
}
