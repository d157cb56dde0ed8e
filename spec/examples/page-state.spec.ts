import {
  emptyPage,
  isRunning,
  reducePage,
  type PageSignal,
  type PageState,
} from '../../examples/browser-page/page-state.js';
import { announcementOf, storedFileInWords } from '../../examples/browser-page/describe.js';
import type { UploadCheckpoint } from '../../lib/model/checkpoint.js';
import type { UploadErrorInfo } from '../../lib/model/error-info.js';

const checkpoint: UploadCheckpoint = {
  version: 1,
  server: 'http://127.0.0.1:8642',
  bucket: 'uploads',
  key: 'a.bin',
  uploadId: 'u',
  partSize: 10,
  file: { name: 'a.bin', size: 25, lastModified: 1, sample: 's' },
  object: {},
  sseCustomerKeyMd5: null,
  parts: [{ partNumber: 2, size: 10, etag: 'e' }],
};

const started: PageSignal = {
  type: 'started',
  bucket: 'uploads',
  key: 'a.bin',
  uploadId: 'u',
  totalBytes: 25,
  partSize: 10,
  partCount: 3,
  resumedBytes: 0,
};
const file = new File(['x'.repeat(25)], 'a.bin', { lastModified: 1 });
const chosen: PageSignal = { type: 'chosen', file, checkpoint: null };
const sentNearlyAll: PageSignal = {
  type: 'progress',
  transferredBytes: 24,
  totalBytes: 25,
  elapsedSeconds: 1,
  bytesPerSecond: 24,
};

function after(...signals: readonly PageSignal[]): PageState {
  return signals.reduce(reducePage, emptyPage([]));
}

describe('reducePage', () => {
  it('shows an upload that an earlier page left as paused, with the parts that are there', () => {
    const page = after({ type: 'chosen', file, checkpoint });
    expect(page.upload).toMatchObject({ status: 'paused', transferredBytes: 10, totalBytes: 25, fraction: 0.4 });
    expect(page.upload.parts).toEqual(['waiting', 'done', 'waiting']);
    expect(page.note).toContain('resume');
    expect(isRunning(page)).toBe(false);
  });

  it('shows only whole parts of an upload that was cancelled', () => {
    const page = after(chosen, { type: 'starting' }, started, { type: 'checkpoint', checkpoint }, sentNearlyAll, {
      type: 'paused',
      checkpoint: null,
    });
    expect(page.upload).toMatchObject({ status: 'paused', transferredBytes: 10, checkpoint });
  });

  it('shows nothing as sent where nothing was kept', () => {
    const page = after(chosen, { type: 'starting' }, started, sentNearlyAll, { type: 'paused', checkpoint: null });
    expect(page.upload).toMatchObject({ status: 'paused', transferredBytes: 0, fraction: 0, checkpoint: null });
  });

  it('remarks on a part that is sent again until it goes out again', () => {
    const error = { message: 'Slow down.' } as UploadErrorInfo;
    const retrying: PageSignal = {
      type: 'retrying',
      operation: 'uploadPart',
      partNumber: 3,
      attempt: 1,
      delayMs: 250,
      error,
    };
    const retried = after(chosen, started, retrying);
    expect(retried.note).toBe('Part 3 is sent again in 0.3 s: Slow down.');
    expect(reducePage(retried, { type: 'part-started', partNumber: 1, size: 10, attempt: 1 }).note).toBe(retried.note);
    expect(reducePage(retried, { type: 'part-started', partNumber: 3, size: 5, attempt: 2 }).note).toBeNull();
  });

  it('runs while parts are deleted, and forgets them then', () => {
    const aborting = after(chosen, started, { type: 'checkpoint', checkpoint }, { type: 'aborting' });
    expect(isRunning(aborting)).toBe(true);
    const aborted = reducePage(aborting, { type: 'aborted' });
    expect(aborted.upload.checkpoint).toBeNull();
    expect(isRunning(aborted)).toBe(false);
  });
});

describe('announcementOf', () => {
  it('changes with every tenth, not with every byte', () => {
    const at = (transferredBytes: number): string =>
      announcementOf(after(chosen, started, { ...sentNearlyAll, transferredBytes }));
    expect(at(11)).toBe('Uploading a.bin: 40 %');
    expect(at(12)).toBe(at(11));
    expect(at(13)).toBe('Uploading a.bin: 50 %');
  });
});

describe('storedFileInWords', () => {
  it('names the file only where it has the name of the key', () => {
    expect(storedFileInWords('.obs/objects/uploads', 'a/b c.bin')).toBe('.obs/objects/uploads/a/b c.bin');
    for (const key of ['50%.bin', 'a?', 'a//b', 'a.', 'x'.repeat(300)]) {
      expect(storedFileInWords('.obs/objects/uploads', key)).toBe('in .obs/objects/uploads');
    }
  });
});
