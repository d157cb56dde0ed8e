import { createObsConnection, type ObsConnection } from 'rx-obs-upload';
import type { FakeObs } from 'rx-obs-upload/testing';
import { serveUploadsOver } from '../../../lib/worker/uploads/serve-uploads.js';
import type { UploadWorker } from '../../../lib/worker/uploads/worker-connection.js';

/** A worker in this thread that uploads to a fake store: messages are delivered asynchronously and cloned. */
export class FakeUploadWorker extends EventTarget implements UploadWorker {
  readonly messages: { readonly from: 'page' | 'worker'; readonly type: string }[] = [];
  connection: ObsConnection | null = null;
  private readonly scope = new EventTarget();
  private isAlive = true;

  constructor(fake: FakeObs) {
    super();
    const scope = Object.assign(this.scope, { postMessage: (data: unknown) => this.deliver(data, 'worker', this) });
    serveUploadsOver(scope, (options) => {
      this.connection = createObsConnection({ ...options, transport: fake.transport });
      return this.connection;
    });
  }

  postMessage(data: unknown, { transfer = [] }: { readonly transfer?: Transferable[] } = {}): void {
    this.deliver(data, 'page', this.scope);
    // Detached, as by a real worker.
    structuredClone(null, { transfer: transfer as never });
  }

  terminate(): void {
    this.isAlive = false;
  }

  get terminated(): boolean {
    return !this.isAlive;
  }

  crash(): void {
    this.isAlive = false;
    this.dispatchEvent(new Event('error', { cancelable: true }));
  }

  private deliver(data: unknown, from: 'page' | 'worker', to: EventTarget): void {
    if (!this.isAlive) return;
    const cloned = cloneExceptBlobs(data);
    this.messages.push({ from, type: (data as { readonly type: string }).type });
    setImmediate(() => {
      if (this.isAlive) to.dispatchEvent(new MessageEvent('message', { data: cloned }));
    });
  }
}

/** Does not clone Blobs, which are immutable: Node does not clone a File correctly. Throws as structuredClone does. */
function cloneExceptBlobs(value: unknown): unknown {
  if (value instanceof Blob) return value;
  if (Array.isArray(value)) return value.map(cloneExceptBlobs);
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, cloneExceptBlobs(field)]));
  }
  return structuredClone(value);
}
