import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Fault } from './faults.js';

/** A body that has come: its size, and its text where it is the service's business. */
export interface Body {
  readonly size: number;
  readonly text: string;
}

/** Takes a body, at the line's pace, and forgets it unless it is to be stored. */
export function takeBody(
  request: IncomingMessage,
  bytesPerSecond: number | null,
  keep: boolean,
  fault: Fault | null,
  onBytes: (bytes: number) => void,
  whole: (body: Body) => void,
): void {
  const total = Number(request.headers['content-length'] ?? 0);
  let size = 0;
  let text = '';
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    onBytes(chunk.length);
    if (keep) text += chunk.toString();
    if (fault === 'reset' && size >= total / 2) request.socket.resetAndDestroy();
    else if (bytesPerSecond !== null) rest(request, chunk.length, bytesPerSecond);
  });
  request.on('end', () => whole({ size, text }));
}

/** When each connection may go on. */
const freeAt = new WeakMap<Socket, number>();

function rest(request: IncomingMessage, bytes: number, bytesPerSecond: number): void {
  const now = performance.now();
  const due = Math.max(now, freeAt.get(request.socket) ?? 0) + (bytes / bytesPerSecond) * 1000;
  freeAt.set(request.socket, due);
  request.pause();
  setTimeout(() => request.resume(), due - now);
}
