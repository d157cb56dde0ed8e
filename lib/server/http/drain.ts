import type { Connection } from './connection.js';

/** A body that is refused is read to its end all the same up to this number of bytes. */
export const drainedBytes = 64 * 1024 * 1024;

const drainedMs = 5000;

/**
 * Reads what is left of a request's body and drops it. A connection that is closed with bytes unread is reset, and the
 * client then never sees the response; one that stays open with bytes unread makes the next request wait for ever. So
 * this goes before the response, and the connection ends with it.
 */
export function drain({ request, response, isOpen }: Connection): Promise<void> {
  if (request.complete || !isOpen) return Promise.resolve();
  if (!response.headersSent) response.setHeader('connection', 'close');
  return new Promise((resolve) => {
    let left = drainedBytes;
    const count = (chunk: Buffer): void => {
      left -= chunk.length;
      if (left < 0) done();
    };
    const done = (): void => {
      clearTimeout(timer);
      request.off('data', count).off('end', done);
      response.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, drainedMs);
    request.on('data', count).on('end', done).resume();
    response.on('close', done);
  });
}
