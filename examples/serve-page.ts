import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.js': 'text/javascript; charset=utf-8',
};

/**
 * The host name in a request, if it is one of this machine; else null. A page of another site gets here by a name of its
 * own that points to this machine (DNS rebinding): what is meant for our pages is not for it.
 */
export function localHostOf({ headers }: IncomingMessage): string | null {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.exec(headers.host ?? '')?.[1] ?? null;
}

/** Sends a file that stands in the folder itself. */
export function sendFile(response: ServerResponse, folder: string, name: string, policy?: string): void {
  const type = /^[\w-]+\.\w+$/.test(name) ? TYPES[extname(name)] : undefined;
  if (type === undefined) return sendError(response, 404);
  readFile(join(folder, name)).then(
    (content) => {
      if (policy !== undefined) response.setHeader('Content-Security-Policy', policy);
      send(response, 200, type, content);
    },
    () => sendError(response, 404),
  );
}

export function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 200, 'application/json', JSON.stringify(value));
}

/** 421: for a host that is not this machine. */
export function sendError(response: ServerResponse, status: 404 | 421): void {
  send(response, status, 'text/plain', status === 404 ? 'Not found: is the page built?\n' : 'Not here.\n');
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  const headers = { 'Content-Type': type, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };
  response.writeHead(status, headers).end(body);
}

/**
 * The Content-Security-Policy of a page that loads from its own server alone, and uploads to the store.
 * @param directives - in place of these, or besides them
 */
export function contentPolicy(store: string, directives: Readonly<Record<string, string>> = {}): string {
  const all = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self'",
    'connect-src': `'self' ${store}`,
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    ...directives,
  };
  return Object.entries(all)
    .map((directive) => directive.join(' '))
    .join('; ');
}
