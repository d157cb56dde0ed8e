/** Something that a part in flight did. */
export type Sample = {
  readonly partNumber: number;
  /** milliseconds, on any clock */
  readonly at: number;
} & (
  | { readonly type: 'started' | 'failed' | 'throttled' }
  /** Of this attempt so many bytes have gone out; or all of them arrived. */
  | { readonly type: 'sent' | 'acknowledged'; readonly bytes: number }
);

/** How fast parts go while so many of them are in flight. */
export interface Pace {
  /** When there came to be so many. */
  readonly since: number;
  readonly inFlight: ReadonlyMap<number, Flight>;
  /** The last that was heard, and the time that parts spent in flight until then, summed over the parts. */
  readonly at: number;
  readonly inFlightMs: number;
  /** What was measured: so many bytes in so many milliseconds, summed over the parts. */
  readonly bytes: number;
  readonly ms: number;
  readonly count: number;
  /** By reports within parts; where parts are too quick for any, or the transport tells none, by whole parts. */
  readonly byReports: boolean;
}

interface Flight {
  readonly startedAt: number;
  /** The last that was heard of it. */
  readonly at: number;
  readonly bytes: number;
  /** What of it was measured. */
  readonly measured: { readonly bytes: number; readonly ms: number };
}

const NOTHING = { bytes: 0, ms: 0 };

/**
 * The first bytes of a request only fill the buffers on the way, and after a change the parts that were there before
 * take a while to feel it.
 */
const SETTLE_MS = 200;

/** Long enough for several reports of each part: browsers report every 50 ms. */
const WINDOW_MS = 200;

export function measureAfresh(since: number, inFlight: Pace['inFlight'] = new Map()): Pace {
  return { since, inFlight, at: since, inFlightMs: 0, bytes: 0, ms: 0, count: 0, byReports: false };
}

/** Each stretch of a part is measured by its own time, so that it does not matter how reports of many parts fall. */
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
      const heard = { ...flight, at, bytes: sample.bytes };
      if (!isSteady) return inFlight(pace, partNumber, heard);
      const measured = { bytes: flight.measured.bytes + bytes, ms: flight.measured.ms + ms };
      return inFlight(stretch(pace, bytes, ms, true), partNumber, { ...heard, measured });
    }
    case 'acknowledged': {
      const rest = flight === undefined ? null : unmeasured(flight, pace.since, sample);
      return inFlight(rest === null ? pace : stretch(pace, rest.bytes, rest.ms, pace.byReports), partNumber, null);
    }
    default:
      return inFlight(pace, partNumber, null);
  }
}

/** Whose first report comes late has waited in the browser, and that time counts. */
function hasWaited(flight: Flight, { since }: Pace, now: number): boolean {
  return flight.at === flight.startedAt && flight.startedAt >= since && now - flight.startedAt > SETTLE_MS;
}

/** What is to be added so that a part counts as a whole; null where its stretches tell enough, or it began before. */
function unmeasured(
  { startedAt, measured }: Flight,
  since: number,
  { bytes, at }: { readonly bytes: number; readonly at: number },
): Flight['measured'] | null {
  const ms = at - startedAt;
  if (startedAt < since || measured.ms * 2 >= ms) return null;
  return { bytes: bytes - measured.bytes, ms: ms - measured.ms };
}

/** Bytes a millisecond over all parts in flight; null until enough was measured. */
export function throughput(pace: Pace, width: number): number | null {
  const { bytes, ms, count, inFlightMs, at, since } = pace;
  if (count < width || ms < width * WINDOW_MS || at === since) return null;
  return (bytes / (ms + silentMs(pace))) * (inFlightMs / (at - since));
}

/** A browser lets requests beyond its own bound wait: parts that say nothing while others report bring nothing. */
function silentMs({ byReports, inFlight: flights, since, at: now }: Pace): number {
  if (!byReports) return 0;
  let silent = 0;
  for (const { startedAt, at } of flights.values()) {
    if (at === startedAt) silent += Math.max(0, now - Math.max(startedAt, since) - SETTLE_MS);
  }
  return silent;
}

function stretch(pace: Pace, bytes: number, ms: number, byReports: boolean): Pace {
  return { ...pace, bytes: pace.bytes + bytes, ms: pace.ms + ms, count: pace.count + 1, byReports };
}

function inFlight(pace: Pace, partNumber: number, flight: Flight | null): Pace {
  const flights = new Map(pace.inFlight);
  if (flight === null) flights.delete(partNumber);
  else flights.set(partNumber, flight);
  return { ...pace, inFlight: flights };
}
