import type { Line } from '../line.js';

/**
 * What happens to a body: taken and then refused; its connection reset when half of it has come; taken and never
 * answered.
 */
export type Fault = '500' | '503' | 'reset' | 'silence';

const IN_TURN: readonly Fault[] = ['500', '503', 'reset'];

/** Says of each body in turn what is to go wrong with it. */
export function faultsOf({ faultEvery, silentBody }: Line): () => Fault | null {
  let bodies = 0;
  return () => {
    bodies++;
    if (bodies === silentBody) return 'silence';
    if (faultEvery === null || bodies % faultEvery !== 0) return null;
    return IN_TURN[(bodies / faultEvery) % IN_TURN.length] ?? null;
  };
}
