import { request, type ClientRequest, type IncomingMessage } from 'node:http';

type Handler = ((event: ProgressLike) => void) | null;

interface ProgressLike {
  readonly lengthComputable: boolean;
  readonly loaded: number;
  readonly total: number;
}

const noProgress: ProgressLike = { lengthComputable: false, loaded: 0, total: 0 };

/**
 * The part of XMLHttpRequest that the official SDK and `xhrTransport` use, implemented with Node's http: without CORS,
 * and `*.localhost` is this machine, as in browsers.
 */
export class NodeXmlHttpRequest {
  readyState = 0;
  status = 0;
  response = '';
  responseText = '';
  responseType = '';
  timeout = 0;
  withCredentials = false;
  onreadystatechange: Handler = null;
  onprogress: Handler = null;
  onload: Handler = null;
  onerror: Handler = null;
  onabort: Handler = null;
  ontimeout: Handler = null;
  readonly upload: Record<'onprogress' | 'onload' | 'onerror' | 'onabort' | 'ontimeout', Handler> = {
    onprogress: null,
    onload: null,
    onerror: null,
    onabort: null,
    ontimeout: null,
  };
  private method = '';
  private url = '';
  private readonly headers: Record<string, string> = {};
  private clientRequest: ClientRequest | null = null;
  private incoming: IncomingMessage | null = null;
  private isSending = false;

  open(method: string, url: string): void {
    [this.method, this.url, this.readyState] = [method, url, 1];
  }

  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }

  getAllResponseHeaders(): string {
    return Object.entries(this.incoming?.headers ?? {})
      .map(([name, value]) => `${name}: ${String(value)}\r\n`)
      .join('');
  }

  send(body: Blob | Uint8Array<ArrayBuffer> | string | null = null): void {
    const { hostname, port, pathname, search, host } = new URL(this.url);
    const local = /(?:^|\.)localhost$/.test(hostname) ? '127.0.0.1' : hostname;
    const bytes = body === null ? null : new Blob([body]);
    this.isSending = bytes !== null;
    this.clientRequest = request({
      host: local,
      port: Number(port || 80),
      method: this.method,
      path: pathname + search,
      headers: { ...this.headers, host, 'content-length': bytes?.size ?? 0 },
      timeout: this.timeout,
    })
      .on('response', (incoming) => this.receive(incoming))
      .on('timeout', () => this.end('ontimeout'))
      .on('error', () => this.end('onerror'));
    if (bytes === null) this.clientRequest.end();
    else void this.write(bytes, this.clientRequest);
  }

  abort(): void {
    this.end('onabort');
  }

  private async write(bytes: Blob, clientRequest: ClientRequest): Promise<void> {
    let loaded = 0;
    for await (const chunk of bytes.stream()) {
      if (clientRequest.destroyed) return;
      if (!clientRequest.write(chunk))
        await new Promise((resolve) => clientRequest.once('drain', resolve).once('close', resolve));
      loaded += chunk.byteLength;
      this.upload.onprogress?.({ lengthComputable: true, loaded, total: bytes.size });
    }
    this.isSending = false;
    clientRequest.end();
    this.upload.onload?.({ lengthComputable: true, loaded, total: bytes.size });
  }

  private receive(incoming: IncomingMessage): void {
    this.incoming = incoming;
    incoming.setEncoding('utf8');
    incoming.on('data', (text: string) => (this.responseText += text));
    incoming.on('end', () => {
      if (this.readyState === 4) return;
      this.response = this.responseText;
      this.status = incoming.statusCode ?? 0;
      this.readyState = 4;
      this.onreadystatechange?.(noProgress);
      this.onload?.(noProgress);
    });
    incoming.on('error', () => this.end('onerror'));
  }

  private end(handler: 'onerror' | 'onabort' | 'ontimeout'): void {
    if (this.readyState === 4 || this.clientRequest === null) return;
    this.readyState = 4;
    this.status = 0;
    this.clientRequest.destroy();
    this.onreadystatechange?.(noProgress);
    if (this.isSending) this.upload[handler]?.(noProgress);
    this[handler]?.(noProgress);
  }
}
