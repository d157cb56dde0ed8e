import {
  emptyQueue,
  reduceQueue,
  withoutFiles,
  type QueueNotification,
  type QueueSnapshot,
  type UploadNotification,
  type UploadSnapshot,
} from 'rx-obs-upload';
import type { UnfinishedUpload } from './unfinished.js';

/** All that the page shows. */
export interface PageState {
  readonly queue: QueueSnapshot;
  /** What else there is to say of a file, by its id. */
  readonly remarks: ReadonlyMap<string, Remark>;
  /** Bytes that went out since the page was opened: what the server had already is not among them. */
  readonly sentBytes: number;
  /** Uploads that an earlier page or another tab left unfinished. */
  readonly unfinished: readonly UnfinishedUpload[];
  /** What became of something that the person asked for. */
  readonly notice: string | null;
}

export interface Remark {
  /** Such as why a part is sent again, which is passing, or that nothing can be kept, which lasts. */
  readonly note: { readonly text: string; readonly isPassing: boolean } | null;
  /** `deleting`: the server is asked to delete the parts; `aborted`: it did. */
  readonly abort: 'deleting' | 'aborted' | null;
}

/** What the uploads tell, and what happens around them. */
export type PageSignal =
  | { readonly type: 'upload'; readonly told: QueueNotification }
  | { readonly type: 'deleting'; readonly id: string }
  | { readonly type: 'deleted'; readonly id: string }
  | { readonly type: 'not-deleted'; readonly id: string; readonly why: string }
  | { readonly type: 'removed'; readonly ids: readonly string[] }
  | { readonly type: 'listed'; readonly unfinished: readonly UnfinishedUpload[] }
  | { readonly type: 'noticed'; readonly text: string | null };

const NO_REMARK: Remark = { note: null, abort: null };

export const emptyPage: PageState = {
  queue: emptyQueue,
  remarks: new Map(),
  sentBytes: 0,
  unfinished: [],
  notice: null,
};

export function reducePage(page: PageState, signal: PageSignal): PageState {
  switch (signal.type) {
    case 'upload':
      return told(page, signal.told);
    case 'deleting':
      return remarked(page, signal.id, { note: null, abort: 'deleting' });
    case 'deleted':
      return deleted(page, signal.id);
    case 'not-deleted':
      return remarked(page, signal.id, { note: { text: signal.why, isPassing: false }, abort: null });
    case 'removed': {
      const ids = new Set(signal.ids);
      const remarks = new Map([...page.remarks].filter(([id]) => !ids.has(id)));
      return { ...page, queue: withoutFiles(page.queue, ids), remarks };
    }
    case 'listed':
      return { ...page, unfinished: signal.unfinished };
    case 'noticed':
      return { ...page, notice: signal.text };
  }
}

export function fileOf({ queue }: PageState, id: string): UploadSnapshot | undefined {
  return queue.files.find((file) => file.id === id)?.upload;
}

export function remarkOn({ remarks }: PageState, id: string): Remark {
  return remarks.get(id) ?? NO_REMARK;
}

/** Requests are out, or will be by themselves. */
export function isRunning({ status }: UploadSnapshot): boolean {
  return !['idle', 'paused', 'completed', 'failed'].includes(status);
}

export function isAnyRunning({ files, counts }: QueueSnapshot): boolean {
  return files.length > counts.idle + counts.paused + counts.completed + counts.failed;
}

/** Those that were in progress once, and could be again. */
export function stoppedFiles(page: PageState): readonly string[] {
  const { files, counts } = page.queue;
  if (counts.paused + counts.failed === 0) return [];
  return files
    .filter(({ upload: { status } }) => status === 'paused' || status === 'failed')
    .map(({ id }) => id)
    .filter((id) => remarkOn(page, id).abort === null);
}

/** What of the earlier uploads is not on the list already. */
export function leftOver({ queue, unfinished }: PageState): readonly UnfinishedUpload[] {
  if (unfinished.length === 0) return unfinished;
  const listed = new Set(queue.files.map(({ id }) => id));
  return unfinished.filter(({ checkpoint }) => !listed.has(checkpoint.key));
}

function told(page: PageState, { id, signal }: QueueNotification): PageState {
  const queue = reduceQueue(page.queue, { id, signal });
  const sent = signal.type === 'progress' ? Math.max(0, queue.transferredBytes - page.queue.transferredBytes) : 0;
  const before = remarkOn(page, id);
  const abort = signal.type === 'waiting' && signal.reason === 'queued' ? null : before.abort;
  const next = { ...page, queue, sentBytes: page.sentBytes + sent };
  const unfinished =
    signal.type === 'completed' ? page.unfinished.filter(({ checkpoint }) => checkpoint.key !== id) : page.unfinished;
  return remarked({ ...next, unfinished }, id, { note: noteOf(signal, before.note), abort });
}

/** Its parts are gone from the server: what an upload tells by `restarted`, and this one does not go on. */
function deleted(page: PageState, id: string): PageState {
  const lostBytes = fileOf(page, id)?.transferredBytes ?? 0;
  const queue = (
    [
      { type: 'restarted', reason: 'upload-gone', lostBytes },
      { type: 'paused', checkpoint: null },
    ] as const
  ).reduce((before, signal) => reduceQueue(before, { id, signal }), page.queue);
  const unfinished = page.unfinished.filter(({ checkpoint }) => checkpoint.key !== id);
  return remarked({ ...page, queue, unfinished }, id, { note: null, abort: 'aborted' });
}

function remarked(page: PageState, id: string, remark: Remark): PageState {
  const before = remarkOn(page, id);
  if (before.note === remark.note && before.abort === remark.abort) return page;
  return { ...page, remarks: new Map(page.remarks).set(id, remark) };
}

type Note = Remark['note'];

function noteOf(signal: UploadNotification, note: Note): Note {
  switch (signal.type) {
    case 'retrying': {
      const what = signal.partNumber === null ? 'A request' : `Part ${signal.partNumber}`;
      return passing(`${what} is sent again in ${(signal.delayMs / 1000).toFixed(1)} s: ${signal.error.message}`);
    }
    case 'restarted':
      return { text: 'The server no longer had the parts of this upload: it begins anew.', isPassing: false };
    case 'warning':
      return { text: signal.error.message, isPassing: false };
    case 'part-started':
      return signal.attempt > 1 ? lasting(note) : note;
    case 'completing':
    case 'completed':
    case 'paused':
    case 'failed':
      return lasting(note);
    case 'waiting':
      return signal.reason === 'queued' ? null : note;
    default:
      return note;
  }
}

function passing(text: string): Note {
  return { text, isPassing: true };
}

function lasting(note: Note): Note {
  return note?.isPassing === true ? null : note;
}
