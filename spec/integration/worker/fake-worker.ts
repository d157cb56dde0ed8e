import type { HashReply, HashRequest, HashWorker } from '../../../lib/worker/digest-by.js';
import { serveMd5, type HashScope } from '../../../lib/worker/serve-md5.js';

/** A worker in this thread: messages are delivered asynchronously and cloned, and transferred objects are detached. */
export class FakeWorker extends EventTarget implements HashWorker {
  /** The workers that are not terminated. */
  static readonly alive = new Set<FakeWorker>();
  static started = 0;
  static most = 0;

  readonly asked: HashRequest['type'][] = [];
  private readonly scope: HashScope = { onmessage: null, postMessage: (reply) => this.reply(reply) };

  /** @param script - runs in the worker */
  constructor(script: (scope: HashScope) => void = serveMd5) {
    super();
    FakeWorker.started += 1;
    FakeWorker.alive.add(this);
    FakeWorker.most = Math.max(FakeWorker.most, FakeWorker.alive.size);
    setImmediate(() => script(this.scope));
  }

  static forget(): void {
    FakeWorker.alive.clear();
    FakeWorker.started = FakeWorker.most = 0;
  }

  postMessage(request: HashRequest, transfer: Transferable[] | StructuredSerializeOptions = []): void {
    this.asked.push(request.type);
    // Node cannot clone Blobs here, which are immutable anyway.
    const data = request.type === 'blob' ? request : structuredClone(request, { transfer: transfer as never });
    setImmediate(() => this.scope.onmessage?.({ data }));
  }

  terminate(): void {
    FakeWorker.alive.delete(this);
  }

  crash(): void {
    this.dispatchEvent(new Event('error', { cancelable: true }));
  }

  private reply(reply: HashReply): void {
    setImmediate(() => {
      if (FakeWorker.alive.has(this)) this.dispatchEvent(new MessageEvent('message', { data: reply }));
    });
  }
}
