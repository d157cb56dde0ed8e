import {
  idleSnapshot,
  reduceUpload,
  type UploadCheckpoint,
  type UploadSignal,
  type UploadSnapshot,
} from 'rx-obs-upload';

/** All that the page shows. */
export interface PageState {
  readonly file: File | null;
  readonly upload: UploadSnapshot;
  /** `deleting`: the server is asked to delete the parts; `aborted`: it did. */
  readonly abort: 'deleting' | 'aborted' | null;
  /** A passing remark on the upload, such as why a part is sent again. */
  readonly note: string | null;
  /** Uploads that this page or an earlier one left unfinished. */
  readonly unfinished: readonly UploadCheckpoint[];
  /** What became of an unfinished upload that was discarded. */
  readonly discarded: string | null;
}

/** What the upload tells, and what happens around it. */
export type PageSignal =
  | UploadSignal
  | { readonly type: 'chosen'; readonly file: File; readonly checkpoint: UploadCheckpoint | null }
  | { readonly type: 'starting' }
  | { readonly type: 'aborting' }
  | { readonly type: 'aborted' }
  | { readonly type: 'discarded'; readonly text: string }
  | { readonly type: 'kept'; readonly unfinished: readonly UploadCheckpoint[] };

export function emptyPage(unfinished: readonly UploadCheckpoint[]): PageState {
  return { file: null, upload: idleSnapshot, abort: null, note: null, unfinished, discarded: null };
}

export function reducePage(page: PageState, signal: PageSignal): PageState {
  switch (signal.type) {
    case 'chosen': {
      const { file, checkpoint } = signal;
      const upload = checkpoint === null ? idleSnapshot : leftUnfinished(checkpoint);
      const note = checkpoint === null ? null : 'Some of this file is on the server already: resume to send the rest.';
      return { ...page, file, upload, abort: null, note, discarded: null };
    }
    case 'starting':
      return { ...page, upload: { ...page.upload, status: 'starting', error: null }, abort: null, note: null };
    case 'aborting':
      return {
        ...page,
        upload: asKept(reduceUpload(page.upload, { type: 'paused', checkpoint: null })),
        abort: 'deleting',
        note: null,
      };
    case 'aborted':
      return { ...page, upload: idleSnapshot, abort: 'aborted', note: 'Nothing of this file is left on the server.' };
    case 'discarded':
      return { ...page, discarded: signal.text };
    case 'kept':
      return { ...page, unfinished: signal.unfinished };
    case 'paused':
    case 'failed':
      return { ...page, upload: asKept(reduceUpload(page.upload, signal)), abort: null, note: null };
    default:
      return { ...page, upload: reduceUpload(page.upload, signal), abort: null, note: noteOf(signal, page.note) };
  }
}

/** Requests are out, or will be by themselves. */
export function isRunning({ upload, abort }: PageState): boolean {
  return abort === 'deleting' || !['idle', 'paused', 'completed', 'failed'].includes(upload.status);
}

/** How an earlier page left the upload of this file. */
function leftUnfinished(checkpoint: UploadCheckpoint): UploadSnapshot {
  return asKept({ ...idleSnapshot, status: 'paused', checkpoint });
}

/** Shows what is left of an upload that has stopped: what was on its way is lost, whole parts are not. */
function asKept(upload: UploadSnapshot): UploadSnapshot {
  const { checkpoint } = upload;
  if (checkpoint === null) return { ...upload, transferredBytes: 0, fraction: 0 };
  const { partSize, file } = checkpoint;
  const transferredBytes = checkpoint.parts.reduce((bytes, { size }) => bytes + size, 0);
  const done = new Set(checkpoint.parts.map(({ partNumber }) => partNumber));
  return {
    ...upload,
    transferredBytes,
    totalBytes: file.size,
    fraction: transferredBytes / Math.max(file.size, 1),
    parts: Array.from({ length: Math.ceil(file.size / partSize) }, (_, i) => (done.has(i + 1) ? 'done' : 'waiting')),
  };
}

const BEGINS_ANEW = 'The server no longer had the parts of this upload: it begins anew.';

function noteOf(signal: UploadSignal, note: string | null): string | null {
  switch (signal.type) {
    case 'retrying': {
      const what = signal.partNumber === null ? 'A request' : `Part ${signal.partNumber}`;
      return `${what} is sent again in ${(signal.delayMs / 1000).toFixed(1)} s: ${signal.error.message}`;
    }
    case 'restarted':
      return BEGINS_ANEW;
    case 'warning':
      return signal.error.message;
    case 'started':
      return note === BEGINS_ANEW ? note : null;
    case 'part-started':
      return signal.attempt > 1 ? null : note;
    case 'completing':
    case 'completed':
      return null;
    default:
      return note;
  }
}
