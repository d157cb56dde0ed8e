/** What a contestant has to upload, and how. Plain JSON: the runner passes it to the page. */
export interface Work {
  readonly files: number;
  /** of each file */
  readonly bytes: number;
  /** bytes */
  readonly partSize: number;
  /** Concurrent parts of a file; null: the contestant's default. */
  readonly taskNum: number | 'auto' | null;
  readonly filesAtOnce: number;
  readonly checksum: 'none' | 'md5' | 'crc64';
  /** null: the contestant's default */
  readonly stallTimeoutMs: number | null;
  /** What else the page does: works for 80 of every 100 ms, or is behind another tab. @defaultValue 'nothing' */
  readonly page?: 'nothing' | 'busy' | 'background';
  /** Whether the bare loop initiates a multipart upload before its first part, as every client of a store has to. */
  readonly initiates?: boolean;
  /** Option of this library's connection. @defaultValue the library's default */
  readonly maxConcurrentRequests?: number;
}

/** What a page reports about a run. */
export interface PageReport {
  readonly seconds: number;
  /** When the upload began: epoch milliseconds. */
  readonly beganAt: number;
  /** Milliseconds of each task of the main thread that took over 50 ms. */
  readonly longTasksMs: readonly number[];
}

/** What the contestant's page offers to the runner. */
export interface BenchPage {
  warmUp(work: Work, endpoint: string): Promise<void>;
  run(work: Work, endpoint: string): Promise<PageReport>;
}

export const KIB = 1024;
export const MIB: number = 1024 * KIB;
export const GIB: number = 1024 * MIB;
