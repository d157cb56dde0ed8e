import {
  emptyPage,
  fileOf,
  isAnyRunning,
  leftOver,
  reducePage,
  remarkOn,
  type PageSignal,
  type PageState,
} from '../../../examples/browser-page/page-state.js';
import { announcementOf, storedFileInWords } from '../../../examples/browser-page/describe.js';
import type { UnfinishedUpload } from '../../../examples/browser-page/unfinished.js';
import type { UploadCheckpoint } from '../../../lib/model/checkpoint.js';
import type { UploadErrorInfo } from '../../../lib/model/error-info.js';
import type { UploadNotification } from '../../../lib/model/event.js';

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
const started: UploadNotification = {
  type: 'started',
  bucket: 'uploads',
  key: 'a.bin',
  uploadId: 'u',
  totalBytes: 25,
  partSize: 10,
  partCount: 3,
  resumedBytes: 0,
};
const queued: UploadNotification = { type: 'waiting', reason: 'queued', totalBytes: 25 };
const error = { message: 'Slow down.' } as UploadErrorInfo;
const unfinished: UnfinishedUpload = { id: '1', savedAt: 1, checkpoint, hasFile: false, isBusy: false };

function sent(transferredBytes: number): UploadNotification {
  return {
    type: 'progress',
    transferredBytes,
    totalBytes: 25,
    availableBytes: 25,
    elapsedSeconds: 1,
    bytesPerSecond: 24,
  };
}

function ofA(...signals: readonly UploadNotification[]): readonly PageSignal[] {
  return signals.map((signal) => ({ type: 'upload', told: { id: 'a.bin', signal } }));
}

function after(...signals: readonly PageSignal[]): PageState {
  return signals.reduce(reducePage, emptyPage);
}

describe('reducePage', () => {
  it('counts the bytes that go out, not those that the server had', () => {
    expect(after(...ofA(queued, { ...started, resumedBytes: 10 }, sent(10), sent(17), sent(20))).sentBytes).toBe(10);
  });

  it('remarks on a part that is sent again until it goes out again', () => {
    const retrying: UploadNotification = {
      type: 'retrying',
      operation: 'uploadPart',
      partNumber: 3,
      attempt: 1,
      delayMs: 250,
      error,
    };
    const retried = after(...ofA(started, retrying));
    const note = remarkOn(retried, 'a.bin').note;
    expect(note?.text).toBe('Part 3 is sent again in 0.3 s: Slow down.');
    const partStarted = { type: 'part-started', partNumber: 1, size: 10, attempt: 1 } as const;
    expect(remarkOn(ofA(partStarted).reduce(reducePage, retried), 'a.bin').note).toBe(note);
    const again = ofA({ ...partStarted, partNumber: 3, attempt: 2 }).reduce(reducePage, retried);
    expect(remarkOn(again, 'a.bin').note).toBeNull();
  });

  it('keeps a warning to the end, and not for the next try', () => {
    const warned = after(
      ...ofA(started, { type: 'warning', error }, { type: 'completing' }, { type: 'failed', error }),
    );
    expect(remarkOn(warned, 'a.bin').note?.text).toBe('Slow down.');
    expect(remarkOn(ofA(queued).reduce(reducePage, warned), 'a.bin').note).toBeNull();
  });

  it('shows nothing of a file whose parts are deleted, until it begins again', () => {
    const running = ofA(queued, started, { type: 'checkpoint', checkpoint }, sent(20), {
      type: 'paused',
      checkpoint,
    });
    const deleting = after(...running, { type: 'deleting', id: 'a.bin' });
    expect(remarkOn(deleting, 'a.bin').abort).toBe('deleting');
    const deleted = reducePage(deleting, { type: 'deleted', id: 'a.bin' });
    expect(remarkOn(deleted, 'a.bin').abort).toBe('aborted');
    expect(fileOf(deleted, 'a.bin')).toMatchObject({ status: 'paused', transferredBytes: 0, checkpoint: null });
    expect(isAnyRunning(deleted.queue)).toBe(false);
    expect(remarkOn(ofA(queued).reduce(reducePage, deleted), 'a.bin').abort).toBeNull();
  });

  it('leaves what is on the list off the list of what is unfinished', () => {
    const listed: PageSignal = { type: 'listed', unfinished: [unfinished] };
    expect(leftOver(after(listed))).toEqual([unfinished]);
    const running = after(listed, ...ofA(queued, started));
    expect(leftOver(running)).toEqual([]);
    expect(leftOver(reducePage(running, { type: 'removed', ids: ['a.bin'] }))).toEqual([unfinished]);
    expect(after(listed, { type: 'deleted', id: 'a.bin' }).unfinished).toEqual([]);
  });
});

describe('announcementOf', () => {
  it('changes with every tenth, not with every byte', () => {
    const at = (transferredBytes: number): string =>
      announcementOf(after(...ofA(started, sent(transferredBytes))).queue);
    expect(at(11)).toBe('Uploading a.bin: 40 %.');
    expect(at(12)).toBe(at(11));
    expect(at(13)).toBe('Uploading a.bin: 50 %.');
  });

  it('says how it ended', () => {
    const ended = after(...ofA(started, { type: 'failed', error }));
    expect(announcementOf(ended.queue)).toBe('Ended: a.bin. It failed.');
    expect(announcementOf(after(...ofA(started, { type: 'paused', checkpoint: null })).queue)).toBe(
      'Paused: a.bin, at 0 %.',
    );
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
