import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Fault } from './faults.js';

/** A received body: its size, and its text if the service needs it. */
export interface Body {
  readonly size: number;
  readonly text: string;
}

/** Receives a body at the speed of the line, and discards it unless its text is needed. */
export function takeBody(
  request: IncomingMessage,
  bytesPerSecond: number | null,
  keepText: boolean,
  fault: Fault | null,
  onBytes: (bytes: number) => void,
  onComplete: (body: Body) => void,
): void {
  const total = Number(request.headers['content-length'] ?? 0);
  let size = 0;
  let text = '';
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    onBytes(chunk.length);
    if (keepText) text += chunk.toString();
    if (fault === 'reset' && size >= total / 2) request.socket.resetAndDestroy();
    else if (bytesPerSecond !== null) throttle(request, chunk.length, bytesPerSecond);
  });
  request.on('end', () => onComplete({ size, text }));
}

/** When each connection may continue. */
const freeAt = new WeakMap<Socket, number>();

function throttle(request: IncomingMessage, bytes: number, bytesPerSecond: number): void {
  const now = performance.now();
  const due = Math.max(now, freeAt.get(request.socket) ?? 0) + (bytes / bytesPerSecond) * 1000;
  freeAt.set(request.socket, due);
  request.pause();
  setTimeout(() => request.resume(), due - now);
}
