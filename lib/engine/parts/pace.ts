/** An observation of a part in flight. */
export type Sample = {
  readonly partNumber: number;
  /** milliseconds, on any clock */
  readonly at: number;
} & (
  | { readonly type: 'started' | 'failed' | 'throttled' }
  /** Bytes of this attempt that were sent so far, or acknowledged. */
  | { readonly type: 'sent' | 'acknowledged'; readonly bytes: number }
);

/** How fast parts are sent at the current concurrency. */
export interface Pace {
  /** When this concurrency began. */
  readonly since: number;
  readonly inFlight: ReadonlyMap<number, Flight>;
  /** The last observation, and the time that parts had spent in flight by then, summed over the parts. */
  readonly at: number;
  readonly inFlightMs: number;
  /** The measurements, summed over the parts. */
  readonly bytes: number;
  readonly ms: number;
  readonly count: number;
  /** Measured by progress reports; false: by complete parts, which are too quick or have no reports. */
  readonly byReports: boolean;
}

interface Flight {
  readonly startedAt: number;
  /** The last observation. */
  readonly at: number;
  readonly bytes: number;
  /** The share that was measured. */
  readonly measured: { readonly bytes: number; readonly ms: number };
}

const NOTHING = { bytes: 0, ms: 0 };

/**
 * The first bytes of a request only fill buffers, and after a change the parts already in flight take a while to be
 * affected.
 */
const SETTLE_MS = 200;

/** Long enough for several reports of each part: browsers report every 50 ms. */
const WINDOW_MS = 200;

export function newPace(since: number, inFlight: Pace['inFlight'] = new Map()): Pace {
  return { since, inFlight, at: since, inFlightMs: 0, bytes: 0, ms: 0, count: 0, byReports: false };
}

/** Intervals between the reports of each part are measured separately, so how parts interleave does not matter. */
export function measure(before: Pace, sample: Sample): Pace {
  const { partNumber, at, type } = sample;
  const inFlightMs = before.inFlightMs + before.inFlight.size * (at - before.at);
  const pace = { ...before, at, inFlightMs };
  const flight = pace.inFlight.get(partNumber);
  switch (type) {
    case 'started':
      return inFlight(pace, partNumber, { startedAt: at, at, bytes: 0, measured: NOTHING });
    case 'sent': {
      if (flight === undefined) return pace;
      const isSteady = flight.at >= Math.max(flight.startedAt, pace.since) + SETTLE_MS || hasWaited(flight, pace, at);
      const [bytes, ms] = [sample.bytes - flight.bytes, at - flight.at];
      const seen = { ...flight, at, bytes: sample.bytes };
      if (!isSteady) return inFlight(pace, partNumber, seen);
      const measured = { bytes: flight.measured.bytes + bytes, ms: flight.measured.ms + ms };
      return inFlight(withInterval(pace, bytes, ms, true), partNumber, { ...seen, measured });
    }
    case 'acknowledged': {
      const rest = flight === undefined ? null : unmeasured(flight, pace.since, sample);
      return inFlight(rest === null ? pace : withInterval(pace, rest.bytes, rest.ms, pace.byReports), partNumber, null);
    }
    default:
      return inFlight(pace, partNumber, null);
  }
}

/** A part whose first report comes late was queued in the browser, and that time counts. */
function hasWaited(flight: Flight, { since }: Pace, now: number): boolean {
  return flight.at === flight.startedAt && flight.startedAt >= since && now - flight.startedAt > SETTLE_MS;
}

/** What to add so that the entire part counts; null if enough was measured, or it started earlier. */
function unmeasured(
  { startedAt, measured }: Flight,
  since: number,
  { bytes, at }: { readonly bytes: number; readonly at: number },
): Flight['measured'] | null {
  const ms = at - startedAt;
  if (startedAt < since || measured.ms * 2 >= ms) return null;
  return { bytes: bytes - measured.bytes, ms: ms - measured.ms };
}

/** Bytes per millisecond over all parts in flight; null until enough was measured. */
export function throughput(pace: Pace, concurrency: number): number | null {
  const { bytes, ms, count, inFlightMs, at, since } = pace;
  if (count < concurrency || ms < concurrency * WINDOW_MS || at === since) return null;
  return (bytes / (ms + silentMs(pace))) * (inFlightMs / (at - since));
}

/** A browser queues requests beyond its own limit: parts without reports while others have some contribute nothing. */
function silentMs({ byReports, inFlight: flights, since, at: now }: Pace): number {
  if (!byReports) return 0;
  let silent = 0;
  for (const { startedAt, at } of flights.values()) {
    if (at === startedAt) silent += Math.max(0, now - Math.max(startedAt, since) - SETTLE_MS);
  }
  return silent;
}

function withInterval(pace: Pace, bytes: number, ms: number, byReports: boolean): Pace {
  return { ...pace, bytes: pace.bytes + bytes, ms: pace.ms + ms, count: pace.count + 1, byReports };
}

function inFlight(pace: Pace, partNumber: number, flight: Flight | null): Pace {
  const flights = new Map(pace.inFlight);
  if (flight === null) flights.delete(partNumber);
  else flights.set(partNumber, flight);
  return { ...pace, inFlight: flights };
}
