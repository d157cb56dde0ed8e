/** How the null server answers: at once and always, unless a scenario wants a line that is worse. */
export interface Line {
  /** Before each answer. */
  readonly latencyMs: number;
  /** Of each connection; null: as fast as it goes. */
  readonly bytesPerSecond: number | null;
  /** Every so many bodies one is refused (500, 503) or its connection reset, in turn; null: never. */
  readonly faultEvery: number | null;
  /** This body, counted from 1, is taken and never answered; null: none. */
  readonly silentBody: number | null;
  /** By nginx in front of the server; null: HTTP/1.1 without TLS. */
  readonly tls: 'http/1.1' | 'http/2' | null;
  /** Milliseconds that a byte takes there and back again, TLS and its handshake included; only with TLS. */
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

/** What came over the line. */
export interface Traffic {
  readonly requests: number;
  readonly preflights: number;
  /** Of the bodies with a file's bytes, whatever became of them. */
  readonly bodyBytes: number;
  /** When the first of them arrived: epoch milliseconds; null: none has. */
  readonly firstBodyAt: number | null;
}
