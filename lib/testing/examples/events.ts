import type { UploadQueued, UploadNotification } from '../../model/upload/event.js';
import { checkpointOf } from './checkpoint-of.js';
import { errorInfoOf } from './error-info-of.js';
import { examplePart, exampleUpload } from './example-upload.js';
import { resultOf } from './result-of.js';

/**
 * A builder for each notification, by its `type` in camel case: `events.partStarted({ partNumber: 2 })`. Defaults come
 * from an example upload of 250,000 bytes in three parts of 100 KiB.
 */
export type EventBuilders = {
  readonly [S in NamedByType as CamelCase<S['type']>]: (fields?: Partial<Omit<S, 'type'>>) => S;
} & {
  /** `waiting` for its turn, emitted only by `uploadFiles$`. */
  readonly queued: (fields?: Partial<Omit<UploadQueued, 'type'>>) => UploadQueued;
};

type NamedByType = Exclude<UploadNotification, UploadQueued>;

type CamelCase<T extends string> = T extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : T;

const { bucket, key, uploadId, totalBytes, partSize, partCount } = exampleUpload;

/**
 * Events and notifications for tests of reducers, components and effects, without an upload.
 *
 * @example
 * ```ts
 * cold('-s-p-(c|)', { s: events.started(), p: events.progress({ transferredBytes: 5 }), c: events.completed() });
 * ```
 */
export const events: EventBuilders = {
  hashing: builder('hashing', { hashedBytes: 0, totalBytes }),
  started: builder('started', { bucket, key, uploadId, totalBytes, partSize, partCount, resumedBytes: 0 }),
  restarted: builder('restarted', { reason: 'upload-gone', lostBytes: examplePart.size }),
  partStarted: builder('part-started', { partNumber: 1, size: examplePart.size, attempt: 1 }),
  partCompleted: builder('part-completed', { ...examplePart }),
  retrying: builder('retrying', {
    operation: 'uploadPart',
    partNumber: 1,
    attempt: 1,
    delayMs: 500,
    error: errorInfoOf(),
  }),
  waiting: builder('waiting', { reason: 'offline' }),
  queued: (fields) => ({ type: 'waiting', reason: 'queued', totalBytes, ...fields }),
  warning: builder('warning', {
    error: errorInfoOf({ name: 'Error', code: 'store', operation: null, partNumber: null }),
  }),
  progress: builder('progress', {
    transferredBytes: 0,
    totalBytes,
    availableBytes: totalBytes,
    elapsedSeconds: 0,
    bytesPerSecond: null,
  }),
  checkpoint: builder('checkpoint', { checkpoint: checkpointOf() }),
  completing: builder('completing', {}),
  completed: builder('completed', { result: resultOf(), skipped: false }),
  paused: builder('paused', { checkpoint: checkpointOf() }),
  failed: builder('failed', { error: errorInfoOf({ checkpoint: checkpointOf() }) }),
};

function builder<T extends NamedByType['type']>(
  type: T,
  defaults: FieldsOf<T>,
): (fields?: Partial<FieldsOf<T>>) => SignalOf<T> {
  return (fields) => ({ type, ...defaults, ...fields }) as SignalOf<T>;
}

type SignalOf<T extends NamedByType['type']> = Extract<NamedByType, { readonly type: T }>;
type FieldsOf<T extends NamedByType['type']> = Omit<SignalOf<T>, 'type'>;
