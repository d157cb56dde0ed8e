import { defer, filter, finalize, fromEvent, map, merge, takeUntil, takeWhile, tap, type Observable } from 'rxjs';
import { stopwatch } from './stopwatch.js';

/** A recorder hands over what it has this often: what a crash can lose. */
const CHUNK_MS = 1000;

const BITS_PER_SECOND = 2_500_000;

const FORMATS = ['video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4'];

export interface Recording {
  readonly stream: MediaStream;
  /** MIME type without codecs. */
  readonly type: string;
  /** What is recorded. Begins when it is subscribed to, once; ends with the recording. */
  readonly chunk$: Observable<Blob>;
  /** Emits each change, `inactive` last. */
  readonly state$: Observable<RecordingState>;
  /** How much is recorded, without pauses. */
  readonly seconds: number;
  pauseOrResume(): void;
  stop(): void;
}

export function createRecording(stream: MediaStream): Recording {
  const format = FORMATS.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, {
    videoBitsPerSecond: BITS_PER_SECOND,
    ...(format !== undefined && { mimeType: format }),
  });
  const watch = stopwatch();
  // Measured from the calls: what the recorder has still to encode then delays its events.
  const stop = (): void => {
    watch.stop();
    if (recorder.state !== 'inactive') recorder.stop();
  };
  const pauseOrResume = (): void => {
    if (recorder.state === 'paused') return recorder.resume();
    watch.stop();
    recorder.pause();
  };
  const changes = ['start', 'pause', 'resume', 'stop'].map((type) => fromEvent(recorder, type));
  const state$ = merge(...changes).pipe(
    map(() => recorder.state),
    tap((state) => (state === 'recording' ? watch.start() : watch.stop())),
    takeWhile((state) => state !== 'inactive', true),
  );
  const chunk$ = defer(() => {
    recorder.start(CHUNK_MS);
    return fromEvent<BlobEvent>(recorder, 'dataavailable');
  }).pipe(
    map(({ data }) => data),
    filter(({ size }) => size > 0),
    takeUntil(fromEvent(recorder, 'stop')),
    finalize(stop),
  );
  // The browser's own button ends the sharing of a screen.
  stream.getVideoTracks().forEach((track) => track.addEventListener('ended', stop));
  return {
    stream,
    type: (recorder.mimeType || format || 'video/webm').split(';')[0] ?? '',
    chunk$,
    state$,
    get seconds() {
      return watch.seconds;
    },
    pauseOrResume,
    stop,
  };
}

export type RecordingState = MediaRecorder['state'];
