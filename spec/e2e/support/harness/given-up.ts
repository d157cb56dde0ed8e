/** How many requests of this page, worker or process have been aborted; other modules may add to it. */
export const givenUp = { count: 0 };

for (const type of ['XMLHttpRequest', 'AbortController']) {
  const { prototype } = ((globalThis as Record<string, unknown>)[type] ?? {}) as { prototype?: { abort(): void } };
  const abort = prototype?.abort;
  if (prototype === undefined || abort === undefined) continue;
  prototype.abort = function (this: unknown, ...args: []) {
    givenUp.count += 1;
    return abort.apply(this, args);
  };
}
