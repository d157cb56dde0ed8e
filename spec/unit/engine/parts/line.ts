import { adjust, initialAdaptive } from '../../../../lib/engine/parts/adaptive.js';
import type { Sample } from '../../../../lib/engine/parts/pace.js';

export const KIB = 1024;
export const MIB: number = 1024 * KIB;

/** The network between an upload and a store. */
export interface Line {
  /** Bytes per millisecond that one connection carries, and all of them together. */
  readonly perConnection: number;
  readonly inAll?: number;
  /** From the last byte to the response. */
  readonly latencyMs?: number;
  /** Before the first byte of a request, as a preflight takes. */
  readonly preflightMs?: number;
  /** HTTP/2: the bytes that a request may send before the server allows the rest, and how long that takes. */
  readonly window?: { readonly bytes: number; readonly ms: number };
  /** The bytes of a request that buffers take as soon as it begins. */
  readonly buffer?: number;
  /** The connections that the browser opens; it queues further requests without any event. */
  readonly connections?: number;
  /** Whether requests report their progress. */
  readonly reports?: boolean;
  /** How a part fails when it would be done, if it does. */
  readonly fault?: (at: number, partNumber: number, attempt: number) => 'failed' | 'throttled' | null;
  /** When others take two thirds of the line. */
  readonly crowded?: (at: number) => boolean;
}

interface Part {
  readonly partNumber: number;
  readonly attempt: number;
  readonly startedAt: number;
  /** The bytes that the line has carried. */
  carried: number;
  /** When the window was full. */
  fullAt: number | null;
  reported: number;
  sentAt: number | null;
}

/** How an upload went over a line. */
export interface Simulation {
  readonly ms: number;
  /** Each change: when, to how many at once, and how many parts had arrived by then. */
  readonly curve: readonly (readonly [ms: number, concurrency: number, arrived: number])[];
  readonly lastConcurrency: number;
}

const STEP_MS = 10;
const REPORT_MS = 50;

/** Sends parts over a line, step by step: `fixed` at once, or as many as the policy allows. */
export function simulate(
  line: Line,
  parts: number,
  bound: number,
  options: { readonly fixed?: number | undefined; readonly partSize?: number | undefined } = {},
): Simulation {
  const { perConnection, inAll = Infinity, latencyMs = 0, buffer = 0, connections = Infinity, reports = true } = line;
  const { preflightMs = 0, window = { bytes: Infinity, ms: 0 } } = line;
  const { fixed, partSize = 9 * MIB } = options;
  let state = initialAdaptive(bound, 0);
  const curve: [number, number, number][] = [[0, state.concurrency, 0]];
  const inFlight: Part[] = [];
  const failed: Part[] = [];
  let next = 1;
  let arrived = 0;
  let now = 0;
  const observe = (sample: Sample): void => {
    state = adjust(state, sample);
    if (state.concurrency !== curve.at(-1)?.[1]) curve.push([now, state.concurrency, arrived]);
  };
  const moves = ({ startedAt, fullAt, sentAt }: Part): boolean =>
    sentAt === null && now >= startedAt + preflightMs && (fullAt === null || now >= fullAt + window.ms);
  for (; arrived < parts; now += STEP_MS) {
    while (inFlight.length < (fixed ?? state.concurrency) && (failed.length > 0 || next <= parts)) {
      const { partNumber, attempt } = failed.pop() ?? { partNumber: next++, attempt: 0 };
      const unsent = { carried: 0, fullAt: null, reported: 0, sentAt: null };
      inFlight.push({ partNumber, attempt: attempt + 1, startedAt: now, ...unsent });
      observe({ type: 'started', partNumber, at: now });
    }
    const moving = inFlight.slice(0, connections).filter(moves);
    const share = line.crowded?.(now) === true ? inAll / 3 : inAll;
    const rate = Math.min(perConnection, share / Math.max(1, moving.length));
    const at = now + STEP_MS;
    for (const part of moving) {
      const allowed = part.fullAt === null ? Math.min(partSize, window.bytes) : partSize;
      part.carried = Math.min(allowed, part.carried + rate * STEP_MS);
      if (part.carried === window.bytes) part.fullAt ??= at;
      if (part.carried === partSize) part.sentAt = at;
      const sent = Math.min(partSize, part.carried + buffer);
      // The last byte is always reported.
      const isDue = sent === partSize || (at - part.startedAt) % REPORT_MS === 0;
      if (!reports || sent === part.reported || !isDue) continue;
      part.reported = sent;
      observe({ type: 'sent', partNumber: part.partNumber, bytes: Math.round(sent), at });
    }
    for (const part of inFlight.filter(({ sentAt }) => sentAt !== null && at - sentAt >= latencyMs)) {
      inFlight.splice(inFlight.indexOf(part), 1);
      const { partNumber, attempt } = part;
      const fault = line.fault?.(at, partNumber, attempt) ?? null;
      if (fault === null) arrived++;
      else failed.push(part);
      observe(
        fault === null ? { type: 'acknowledged', partNumber, bytes: partSize, at } : { type: fault, partNumber, at },
      );
    }
  }
  return { ms: now, curve, lastConcurrency: state.concurrency };
}
