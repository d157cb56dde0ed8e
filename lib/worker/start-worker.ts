/** In one expression, which is what build tools look for. */
export function startWorker(): Worker {
  return new Worker(new URL('./md5-worker.js', import.meta.url), { type: 'module' });
}
