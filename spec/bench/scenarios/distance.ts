import type { Line } from '../line.js';
import type { Entrant, Scenario } from '../scenario.js';
import { MIB } from '../work.js';

const h1: Partial<Line> = { tls: 'http/1.1' };
const h2: Partial<Line> = { tls: 'http/2' };

function rx(label: string, taskNum: number | 'auto', line: Partial<Line>, maxConcurrentRequests: number): Entrant {
  return {
    label: `rx-obs-upload, ${label}`,
    contestant: 'rx-obs-upload',
    work: { taskNum, maxConcurrentRequests },
    line,
  };
}

const entrants: readonly Entrant[] = [
  { label: 'bare XHR, HTTP/1.1, 6', contestant: 'bare-xhr', work: { taskNum: 6 }, line: h1 },
  { label: 'bare XHR, HTTP/2, 24', contestant: 'bare-xhr', work: { taskNum: 24 }, line: h2 },
  rx('HTTP/1.1, 6', 6, h1, 6),
  rx('HTTP/2, 6', 6, h2, 6),
  rx('HTTP/2, 12', 12, h2, 12),
  rx('HTTP/2, 24', 24, h2, 24),
  rx('HTTP/2, auto', 'auto', h2, 6),
  rx('HTTP/2, auto of 24', 'auto', h2, 24),
];

/** A distant server over TLS: HTTP/1.1 has at most six connections, HTTP/2 one with any number of streams. */
export const distance: readonly Scenario[] = [50, 200].map((roundTripMs) => ({
  id: `distance-${roundTripMs}`,
  title: `128 MiB, 1 MiB parts, TLS, ${roundTripMs} ms there and back`,
  work: {
    files: 1,
    bytes: 128 * MIB,
    partSize: MIB,
    taskNum: 6,
    filesAtOnce: 1,
    checksum: 'none',
    stallTimeoutMs: null,
  },
  line: { roundTripMs },
  entrants,
  maxRounds: 3,
  minQuickShare: 0.25,
}));
