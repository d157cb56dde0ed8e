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
}

export const PERFECT_LINE: Line = { latencyMs: 0, bytesPerSecond: null, faultEvery: null, silentBody: null };

/** What came over the line. */
export interface Traffic {
  readonly requests: number;
  readonly preflights: number;
  /** Of the bodies with a file's bytes, whatever became of them. */
  readonly bodyBytes: number;
}
