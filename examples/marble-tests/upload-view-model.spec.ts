// From a first test to a plan of faults: read it from top to bottom.
import { createObsConnection, NetworkError, uploadFile$, type UploadEvent } from 'rx-obs-upload';
import {
  bytesOf,
  createFakeObs,
  createTestTransport,
  events,
  fakeSource,
  on,
  type FakeObs,
} from 'rx-obs-upload/testing';
import { map, NEVER, of, Subject, type Observable } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { uploadViews$ } from './upload-view-model.js';

function marbles(test: (helpers: RunHelpers) => void): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(test);
}

const file = fakeSource({ name: 'a.bin', size: 250_000 });
const PART = 102_400;

function uploadTo({ server, credentials, transport, bucket }: FakeObs): () => Observable<UploadEvent> {
  const obs = createObsConnection({ server, credentials, transport });
  return () => uploadFile$(obs, { bucket, key: 'a.bin', sourceFile: file, partSize: PART, retry: { jitter: 'none' } });
}

describe('with marbles in place of an upload', () => {
  const values = { s: events.started(), p: events.progress({ transferredBytes: 125_000 }), c: events.completed() };
  const views = {
    i: { text: 'idle', percent: 0 },
    u: { text: 'uploading', percent: 0 },
    h: { text: 'uploading', percent: 50 },
    d: { text: 'completed', percent: 100 },
    f: { text: 'failed: network', percent: 50 },
    x: { text: 'cancelled', percent: 0 },
  };

  it('shows how it goes', () => {
    marbles(({ cold, hot, expectObservable }) => {
      const upload$ = cold<UploadEvent>('                       s---p--(c|)', values);
      const intents = { start$: hot('                         --s'), cancel$: hot('-') };
      expectObservable(uploadViews$(intents, () => upload$)).toBe('--(iu)h--d', views);
    });
  });

  it('shows why it failed, and lives on for the next file', () => {
    marbles(({ cold, hot, expectObservable }) => {
      const upload$ = cold<UploadEvent>('s---p--#', values, new NetworkError('network', 'gone'));
      const intents = { start$: hot('                         --s---------s'), cancel$: hot('-') };
      expectObservable(uploadViews$(intents, () => upload$)).toBe('--(iu)h--f--(iu)h--f', views);
    });
  });

  it('unsubscribes from an upload that is cancelled', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const upload$ = cold<UploadEvent>('                       s------p', values);
      const intents = { start$: hot('                         --s'), cancel$: hot('------x') };
      expectObservable(uploadViews$(intents, () => upload$)).toBe('--(iu)x', views);
      expectSubscriptions(upload$.subscriptions).toBe('         --^---!');
    });
  });
});

describe('with requests that the test responds to', () => {
  it('aborts what is in flight when it is cancelled', () => {
    const transport = createTestTransport();
    const obs = createObsConnection({ server: transport.server, credentials: transport.credentials, transport });
    const cancel$ = new Subject<void>();
    const texts: string[] = [];
    uploadViews$({ start$: of(file), cancel$ }, (sourceFile) =>
      uploadFile$(obs, { bucket: 'media', key: 'a.bin', sourceFile, partSize: PART }),
    ).subscribe(({ text }) => texts.push(text));

    transport.expectOne('initiateMultipartUpload').succeed();
    const part = transport.expectOne({ operation: 'uploadPart', partNumber: 1 });
    cancel$.next();

    expect(part.cancelled).toBe(true);
    transport.verify();
    expect(texts).toEqual(['idle', 'uploading', 'cancelled']);
  });
});

describe('with a store that is not there, and a plan of faults', () => {
  /** What is shown of an upload to its end, in virtual time. */
  function shown(fake: FakeObs): readonly string[] {
    const texts: string[] = [];
    new TestScheduler(() => undefined).run(({ flush }) => {
      uploadViews$({ start$: of(file), cancel$: NEVER }, uploadTo(fake))
        .pipe(map(({ text }) => text))
        .subscribe((text) => texts.push(text));
      flush();
    });
    return texts.filter((text, i) => text !== texts[i - 1]);
  }

  it('completes, and the file is there', () => {
    const fake = createFakeObs({ latencyMs: 10 });
    expect(shown(fake)).toEqual(['idle', 'uploading', 'completing', 'completed']);
    expect(Buffer.compare(fake.object('a.bin')?.bytes ?? new Uint8Array(), bytesOf(file))).toBe(0);
  });

  it('says that it tries again', () => {
    const fake = createFakeObs({
      latencyMs: 10,
      faults: [
        on('uploadPart', { partNumber: 2 }).respond(503, 'SlowDown'),
        on('completeMultipartUpload').loseResponse(),
      ],
    });
    expect(shown(fake)).toEqual(['idle', 'uploading', 'retrying', 'uploading', 'completing', 'completed']);
    expect(fake.arrivals('uploadPart', 2).map(({ status }) => status)).toEqual([503, 200]);
  });

  it('says why it gives up', () => {
    const fake = createFakeObs({ faults: [on('uploadPart', { partNumber: 3, times: Infinity }).stall('mid-body')] });
    expect(shown(fake).at(-1)).toBe('failed: stalled');
    expect(fake.uploads()).toHaveLength(1);
  });
});
