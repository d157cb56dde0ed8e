import { adjust, initialAdaptive } from '../../../../lib/engine/parts/adaptive-policy.js';
import type { Sample } from '../../../../lib/engine/parts/pace.js';

export const KIB = 1024;
export const MIB: number = 1024 * KIB;

/** A line to a store, as an upload feels it. */
export interface Line {
  /** bytes a millisecond that one connection carries, and all of them together */
  readonly perConnection: number;
  readonly inAll?: number;
  /** From the last byte to the answer. */
  readonly latencyMs?: number;
  /** Bytes of a request that are on their way as soon as it begins. */
  readonly buffer?: number;
  /** Connections that the browser opens; further requests wait without a word. */
  readonly connections?: number;
  /** Whether parts tell how much of them has gone out. */
  readonly reports?: boolean;
  /** What befalls a part when it would be done, if anything. */
  readonly fault?: (at: number, partNumber: number, attempt: number) => 'failed' | 'throttled' | null;
  /** When others take two thirds of the line. */
  readonly crowded?: (at: number) => boolean;
}

interface Part {
  readonly partNumber: number;
  attempt: number;
  startedAt: number;
  drained: number;
  told: number;
  drainedAt: number | null;
}

/** How an upload went over a line. */
export interface Journey {
  readonly ms: number;
  /** Each change: when, to how many at once, and how many parts had arrived by then. */
  readonly curve: readonly (readonly [ms: number, width: number, arrived: number])[];
  readonly lastWidth: number;
}

const STEP_MS = 10;
const REPORT_MS = 50;

/** Sends parts over a line, step by step: as many at once as is `fixed`, else as the policy says. */
export function travel(
  line: Line,
  parts: number,
  bound: number,
  options: { readonly fixed?: number | undefined; readonly partSize?: number | undefined } = {},
): Journey {
  const { perConnection, inAll = Infinity, latencyMs = 0, buffer = 0, connections = Infinity, reports = true } = line;
  const { fixed, partSize = 9 * MIB } = options;
  let state = initialAdaptive(bound, 0);
  const curve: [number, number, number][] = [[0, state.concurrency, 0]];
  const inFlight: Part[] = [];
  const again: Part[] = [];
  let next = 1;
  let arrived = 0;
  let now = 0;
  const tell = (sample: Sample): void => {
    state = adjust(state, sample);
    if (state.concurrency !== curve.at(-1)?.[1]) curve.push([now, state.concurrency, arrived]);
  };
  for (; arrived < parts; now += STEP_MS) {
    while (inFlight.length < (fixed ?? state.concurrency) && (again.length > 0 || next <= parts)) {
      const part = again.pop() ?? {
        partNumber: next++,
        attempt: 0,
        startedAt: 0,
        drained: 0,
        told: 0,
        drainedAt: null,
      };
      Object.assign(part, { attempt: part.attempt + 1, startedAt: now, drained: 0, told: 0, drainedAt: null });
      inFlight.push(part);
      tell({ type: 'started', partNumber: part.partNumber, at: now });
    }
    const moving = inFlight.slice(0, connections).filter(({ drainedAt }) => drainedAt === null);
    const share = line.crowded?.(now) === true ? inAll / 3 : inAll;
    const rate = Math.min(perConnection, share / Math.max(1, moving.length));
    const at = now + STEP_MS;
    for (const part of moving) {
      part.drained = Math.min(partSize, part.drained + rate * STEP_MS);
      if (part.drained === partSize) part.drainedAt = at;
      const sent = Math.min(partSize, part.drained + buffer);
      // The last byte is always reported.
      const isDue = sent === partSize || (at - part.startedAt) % REPORT_MS === 0;
      if (!reports || sent === part.told || !isDue) continue;
      part.told = sent;
      tell({ type: 'sent', partNumber: part.partNumber, bytes: Math.round(sent), at });
    }
    for (const part of inFlight.filter(({ drainedAt }) => drainedAt !== null && at - drainedAt >= latencyMs)) {
      inFlight.splice(inFlight.indexOf(part), 1);
      const { partNumber, attempt } = part;
      const fault = line.fault?.(at, partNumber, attempt) ?? null;
      if (fault === null) arrived++;
      else again.push(part);
      tell(
        fault === null ? { type: 'acknowledged', partNumber, bytes: partSize, at } : { type: fault, partNumber, at },
      );
    }
  }
  return { ms: now, curve, lastWidth: state.concurrency };
}
