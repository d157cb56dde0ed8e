import type { Observable } from 'rxjs';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import type { UploadWarning } from '../../model/upload/event.js';
import type { PlannedPart } from '../../model/checkpoint/parts.js';
import type { RecordedChunk } from '../spool/stream-spool.js';
import type { GrowingSource, SizedSource } from './upload-source.js';

/** What an upload needs of a stream besides its bytes: `streamSource` brings the code, so pages without streams lack it. */
export interface StreamedSource extends GrowingSource {
  /** Runs an upload from the moment on when it is known whether one PUT is enough. */
  run<U extends StreamPlan, A extends { readonly type: string }>(
    upload: U,
    run: (planned: U) => Observable<A>,
  ): Observable<A | UploadWarning>;
  /** The parts that the server does not have. */
  partsToSend(partSize: number, uploaded: readonly UploadedPart[]): PartsToSend;
  /**
   * What replaces the first part; empty if nothing does. Fails with a `SourceError`.
   * @param size - of the first part
   */
  finalFirstPart$(size: number, withinMs: number): Observable<SizedSource>;
  /** @throws SourceError if some parts are on the server only, so that no other upload can have them */
  requireEntire(next: 'start' | 'restart'): void;
  /** What is stored of the bytes from `start` up to, not including, `end`, in the chunks that it came in. */
  stored(start: number, end: number): readonly RecordedChunk[];
}

/** What of an upload depends on how long its stream becomes. */
export interface StreamPlan {
  readonly partSize: number;
  /** bytes; null until the stream has ended */
  readonly size: number | null;
  /** null until the stream has ended */
  readonly partCount: number | null;
  readonly isSinglePut: boolean;
  readonly stallTimeoutMs: number;
}

/** A source as uploads have it: every stream is of this library's making. */
export type EngineSource = SizedSource | StreamedSource;

/** The parts that the server does not have, in order. */
export interface PartsToSend {
  /** Of a stream each as soon as its bytes are there: one part ahead of those that were started. */
  readonly part$: Observable<PlannedPart>;
  /** A part is being sent: the next one may be produced. */
  readonly started: () => void;
  /** The next ones, as far as they are known. */
  readonly upcoming: (limit: number) => readonly PlannedPart[];
  /** Comes before a part: the stream is about to outgrow what an object can have. */
  readonly warningOf: (part: PlannedPart) => UploadWarning | null;
  /** Completes, or fails if more parts were to come. */
  readonly end$: Observable<never>;
}
