import type { RequestRecord } from 'rx-obs-upload';
import { formatBytes } from '../format.js';

/** A request on one line, such as `uploadPart 3, attempt 2: 200, 9.0 MiB in 812 ms after 40 ms in the queue, id 0A1B`. */
export function requestLine(record: RequestRecord): string {
  const { operation, partNumber, attempt, sentBytes, queuedMs, durationMs, requestId } = record;
  const what = [
    partNumber === null ? operation : `${operation} ${partNumber}`,
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
  ];
  const took = [
    ...(sentBytes > 0 ? [formatBytes(sentBytes)] : []),
    `in ${Math.round(durationMs)} ms`,
    ...(queuedMs >= 1 ? [`after ${Math.round(queuedMs)} ms in the queue`] : []),
  ];
  const id = requestId === null ? '' : `, id ${requestId}`;
  return `${what.join(', ')}: ${outcomeOf(record)}, ${took.join(' ')}${id}`;
}

function outcomeOf({ status, errorCode }: RequestRecord): string {
  if (errorCode === null) return String(status ?? 'done');
  return status === null ? errorCode : `${status} ${errorCode}`;
}
