/** Takes the place of `start-worker.ts` in CommonJS, which has no `import.meta` for build tools to look for. */
export function startWorker(): Worker {
  throw new Error('The CommonJS build has no worker of its own: pass createWorker.');
}
