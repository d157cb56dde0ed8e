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
  /** Measured between progress reports. */
  readonly reports: Measurements;
  /** Measured from the start of a part to its response. */
  readonly parts: Measurements;
  /** Reports show less than half of a part's time: it is too short, or its bytes move in bursts. */
  readonly byParts: boolean;
  /** The shortest time from the start of a part to its first report. */
  readonly firstReportMs: number;
}

/** Sums over the parts. */
interface Measurements {
  readonly bytes: number;
  readonly ms: number;
  readonly count: number;
}

interface Flight {
  readonly startedAt: number;
  /** The last observation. */
  readonly at: number;
  readonly bytes: number;
  /** The time that was measured between reports. */
  readonly reportedMs: number;
}

const NOTHING: Measurements = { bytes: 0, ms: 0, count: 0 };

/**
 * The first bytes of a request only fill buffers, and after a change the parts already in flight take a while to be
 * affected.
 */
const SETTLE_MS = 200;

/**
 * Browsers report every 50 ms as long as bytes move. A longer interval is a wait for something else: over HTTP/2 for the
 * server to grant more bytes, which takes a round trip.
 */
const STEADY_MS = 150;

/** Long enough for several reports of each part. */
const WINDOW_MS = 200;

type Lasting = Pick<Pace, 'inFlight' | 'byParts' | 'firstReportMs'>;

const UNKNOWN: Lasting = { inFlight: new Map(), byParts: false, firstReportMs: Infinity };

/** @param before - at another concurrency */
export function newPace(since: number, before: Lasting = UNKNOWN): Pace {
  return { ...before, since, at: since, inFlightMs: 0, reports: NOTHING, parts: NOTHING };
}

/** Each part is measured separately, so how parts interleave does not matter. */
export function measure(before: Pace, sample: Sample): Pace {
  const { partNumber, at, type } = sample;
  const inFlightMs = before.inFlightMs + before.inFlight.size * (at - before.at);
  const pace = { ...before, at, inFlightMs };
  const flight = pace.inFlight.get(partNumber);
  switch (type) {
    case 'started':
      return inFlight(pace, partNumber, { startedAt: at, at, bytes: 0, reportedMs: 0 });
    case 'sent':
      return flight === undefined ? pace : reported(pace, flight, sample);
    case 'acknowledged':
      return inFlight(flight === undefined ? pace : acknowledged(pace, flight, sample), partNumber, null);
    default:
      return inFlight(pace, partNumber, null);
  }
}

type Sent = Extract<Sample, { readonly bytes: number }>;

function reported(pace: Pace, flight: Flight, { partNumber, at, bytes }: Sent): Pace {
  const ms = at - flight.at;
  const isFirst = flight.at === flight.startedAt;
  const firstReportMs = isFirst ? Math.min(pace.firstReportMs, ms) : pace.firstReportMs;
  const isSteady = ms <= STEADY_MS && flight.at >= Math.max(flight.startedAt, pace.since) + SETTLE_MS;
  const reports = isSteady ? added(pace.reports, bytes - flight.bytes, ms) : pace.reports;
  const reportedMs = flight.reportedMs + (isSteady ? ms : 0);
  return inFlight({ ...pace, firstReportMs, reports }, partNumber, { ...flight, at, bytes, reportedMs });
}

/** A part that started at another concurrency says nothing about this one. */
function acknowledged(pace: Pace, { startedAt, reportedMs }: Flight, { at, bytes }: Sent): Pace {
  if (startedAt < pace.since) return pace;
  const ms = at - startedAt;
  return { ...pace, byParts: pace.byParts || reportedMs * 2 < ms, parts: added(pace.parts, bytes, ms) };
}

/** Bytes per millisecond over all parts in flight; null until enough was measured. */
export function throughput(pace: Pace, concurrency: number): number | null {
  const { byParts, inFlightMs, at, since, firstReportMs } = pace;
  const { bytes, ms, count } = byParts ? pace.parts : pace.reports;
  if (count < concurrency || ms < concurrency * WINDOW_MS) return null;
  // By then a part that began with this concurrency has reported, or is queued.
  if (!byParts && at - since < firstReportMs + SETTLE_MS + WINDOW_MS) return null;
  return (bytes / (byParts ? ms : ms + queuedMs(pace))) * (inFlightMs / (at - since));
}

/** A browser queues requests beyond its own limit: they have no reports while others have some, and contribute nothing. */
function queuedMs({ inFlight: flights, since, at: now, firstReportMs }: Pace): number {
  let queued = 0;
  for (const { startedAt, at } of flights.values()) {
    const ms = now - Math.max(startedAt, since) - SETTLE_MS;
    if (at === startedAt && ms > firstReportMs) queued += ms;
  }
  return queued;
}

function added(before: Measurements, bytes: number, ms: number): Measurements {
  return { bytes: before.bytes + bytes, ms: before.ms + ms, count: before.count + 1 };
}

function inFlight(pace: Pace, partNumber: number, flight: Flight | null): Pace {
  const flights = new Map(pace.inFlight);
  if (flight === null) flights.delete(partNumber);
  else flights.set(partNumber, flight);
  return { ...pace, inFlight: flights };
}
