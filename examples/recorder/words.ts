import type { QueuePending, QueueRow, QueueState } from 'rx-obs-upload';
import { formatBytes, formatBytesOf } from '../format.js';
import type { Take } from './take.js';

/** `3723` is `1:02:03`, `63` is `01:03`. */
export function clockOf(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (number: number): string => String(number).padStart(2, '0');
  const minutes = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole < 3600 ? minutes : `${Math.floor(whole / 3600)}:${minutes}`;
}

/** The key of a recording: when it was begun, in local time. */
export function keyOf(prefix: string, type: string, date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString();
  const name = `recording ${local.slice(0, 10)} ${local.slice(11, 19).replaceAll(':', '.')}`;
  return `${prefix}${name}.${type === 'video/mp4' ? 'mp4' : 'webm'}`;
}

/** Bytes of a recording, by where they are. */
export interface Bytes {
  readonly produced: number;
  readonly sent: number;
  readonly waiting: number;
}

export function bytesOf({ snapshot: { transferredBytes, totalBytes, availableBytes } }: QueueRow): Bytes {
  const produced = Math.max(totalBytes ?? availableBytes, transferredBytes);
  return { produced, sent: transferredBytes, waiting: produced - transferredBytes };
}

export function sentOf({ sent, produced }: Bytes): string {
  return formatBytesOf(sent, produced);
}

/** What an earlier page has recorded and not sent. */
export interface UnfinishedRecording extends QueuePending {
  /** The rest of it is asked for, and another page still has it. */
  readonly isAwaited: boolean;
}

/** What is known of a recording that another page has left. */
export function factsOf({ checkpoint: { parts }, isBusy, isAwaited }: UnfinishedRecording): string {
  const sent = parts.reduce((bytes, { size }) => bytes + size, 0);
  return `${formatBytes(sent)} sent · ${whereOf(isBusy, isAwaited)}`;
}

function whereOf(isBusy: boolean, isAwaited: boolean): string {
  if (isBusy) return 'another tab is uploading it';
  return isAwaited
    ? 'another page still has the recording: end it there, or close that page'
    : 'the rest is stored in this browser';
}

/**
 * For a screen reader: changes only with what matters.
 * @param awaited - the key of a recording that another page still has
 */
export function announcementOf({ phase }: Take, { rows }: QueueState, awaited: string | null = null): string {
  if (phase === 'recording') return 'Recording.';
  if (phase === 'paused') return 'The recording is paused.';
  if (awaited !== null) return `Waiting: another page still has ${awaited}.`;
  const last = rows.at(-1);
  if (last === undefined) return '';
  if (last.status === 'completed') return `${last.key} is uploaded.`;
  if (last.status === 'failed') return `${last.key} is not uploaded.`;
  return `The rest of ${last.key} is being sent.`;
}
