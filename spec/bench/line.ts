/** How the null server responds: immediately and always, unless a scenario has a worse line. */
export interface Line {
  /** Delay before each response. */
  readonly latencyMs: number;
  /** Limit of each connection; null: none. */
  readonly bytesPerSecond: number | null;
  /** The interval, in bodies, at which one fails: with 500, 503 or a reset connection, in turn; null: never. */
  readonly faultEvery: number | null;
  /** This body, counted from 1, is received and never gets a response; null: none. */
  readonly silentBody: number | null;
  /** The protocol of nginx in front of the server; null: HTTP/1.1 without TLS. */
  readonly tls: 'http/1.1' | 'http/2' | null;
  /** Round-trip time in milliseconds, which also applies to the TLS handshake; only with TLS. */
  readonly roundTripMs: number;
}

export const PERFECT_LINE: Line = {
  latencyMs: 0,
  bytesPerSecond: null,
  faultEvery: null,
  silentBody: null,
  tls: null,
  roundTripMs: 0,
};

/** What was received over the line. */
export interface Traffic {
  readonly requests: number;
  readonly preflights: number;
  /** Bytes of the bodies with file content, including failed ones. */
  readonly bodyBytes: number;
  /** When the first of those bodies arrived, in epoch milliseconds; null: none has. */
  readonly firstBodyAt: number | null;
}
