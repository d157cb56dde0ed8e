import type { Line } from '../line.js';

/**
 * What happens to a body: it is received and then fails; its connection is reset when half of it has been received; or
 * it is received and gets no response.
 */
export type Fault = '500' | '503' | 'reset' | 'silence';

const FAULTS: readonly Fault[] = ['500', '503', 'reset'];

/** Returns a function that is called for each body in turn and returns its fault. */
export function faultsOf({ faultEvery, silentBody }: Line): () => Fault | null {
  let bodies = 0;
  return () => {
    bodies++;
    if (bodies === silentBody) return 'silence';
    if (faultEvery === null || bodies % faultEvery !== 0) return null;
    return FAULTS[(bodies / faultEvery) % FAULTS.length] ?? null;
  };
}
