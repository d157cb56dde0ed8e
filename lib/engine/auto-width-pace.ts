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
  readonly measured: boolean;
}

/**
 * The first bytes of a request only fill the buffers on the way, and after a change the parts that were there before
 * take a while to feel it.
 */
const SETTLE_MS = 200;

/** Long enough for several reports of each part: browsers report every 50 ms. */
const WINDOW_MS = 200;

export function measureAfresh(since: number, inFlight: Pace['inFlight'] = new Map()): Pace {
  return { since, inFlight, bytes: 0, ms: 0, count: 0, byReports: false };
}

/** Each stretch of a part is measured by its own time, so that it does not matter how reports of many parts fall. */
export function measure(pace: Pace, sample: Sample): Pace {
  const { partNumber, at, type } = sample;
  const flight = pace.inFlight.get(partNumber);
  switch (type) {
    case 'started':
      return inFlight(pace, partNumber, { startedAt: at, at, bytes: 0, measured: false });
    case 'sent': {
      if (flight === undefined) return pace;
      const isSteady = flight.at >= Math.max(flight.startedAt, pace.since) + SETTLE_MS;
      const measured = isSteady ? stretch(pace, sample.bytes - flight.bytes, at - flight.at, true) : pace;
      return inFlight(measured, partNumber, { ...flight, at, bytes: sample.bytes, measured: isSteady });
    }
    case 'acknowledged': {
      // A part of which stretches were measured ends in a wait for the buffers: they have counted already.
      const isWhole = flight !== undefined && !flight.measured && flight.startedAt >= pace.since;
      const measured = isWhole ? stretch(pace, sample.bytes, at - flight.startedAt, pace.byReports) : pace;
      return inFlight(measured, partNumber, null);
    }
    default:
      return inFlight(pace, partNumber, null);
  }
}

/** Bytes a millisecond over all parts in flight; null until enough was measured. */
export function throughput(pace: Pace, width: number, now: number): number | null {
  const { bytes, ms, count, inFlight: flights } = pace;
  if (count < width || ms < width * WINDOW_MS) return null;
  return (bytes / (ms + silentMs(pace, now))) * flights.size;
}

/** A browser lets requests beyond its own bound wait: parts that say nothing while others report bring nothing. */
function silentMs({ byReports, inFlight: flights, since }: Pace, now: number): number {
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
