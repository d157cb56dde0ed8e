import type { ObsOperation } from '../request/request.js';
import type { Act, Fault, FaultMatch, FaultRule, StallPoint } from './fault.js';
import { CountingRule } from './rule.js';
import { createSharedLine } from './shared-line.js';

/** How `respond` differs from a plain error response. */
export interface RespondOptions {
  /** The message in the error body. @defaultValue OBS's own for the code */
  readonly message?: string | undefined;
  /** Such as `{ 'retry-after': '2' }`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** In place of OBS's error XML. */
  readonly body?: string | undefined;
  /** Whether the request takes effect anyway. @defaultValue false */
  readonly takesEffect?: boolean | undefined;
  /** Whether a page may read the response. @defaultValue true */
  readonly cors?: boolean | undefined;
}

/** Defines the fault of the requests that `on` selected. */
export interface FaultBuilder {
  /** Responds with a status and OBS's error body for the code, such as `respond(503, 'SlowDown')`. */
  respond(status: number, code?: string | null, options?: RespondOptions): FaultRule;
  /** Responds 200 with an `<Error>` body. @param code - by default InternalError */
  errorIn200(code?: string, options?: RespondOptions): FaultRule;
  /**
   * Sends the client elsewhere, as a proxy does or the wrong region.
   * @param location - by default none, as S3 does for another region
   */
  redirect(status: 301 | 302 | 303 | 307 | 308, location?: string): FaultRule;
  /**
   * Responds 200 from a cache between client and service, which knows an older object. A request that bypasses caches
   * (`cache-control: no-cache`) reaches the service.
   * @param headers - by lower-case name, such as `{ etag: '"old"', 'content-length': '5' }`
   */
  cached(headers: Readonly<Record<string, string>>): FaultRule;
  /** Responds 200 with a web page and without the service's request id, as a captive portal does. */
  htmlPage(html?: string): FaultRule;
  /** The request takes effect, then the connection breaks. */
  loseResponse(): FaultRule;
  /** The request takes effect, the connection breaks in the middle of the response. */
  truncateResponse(): FaultRule;
  /** The request takes effect, the response never ends although bytes keep arriving. */
  endlessResponse(): FaultRule;
  /** The connection breaks before anything takes effect, after this number of bytes of the body (by default none). */
  reset(options?: { readonly afterBytes?: number | undefined }): FaultRule;
  /** Silence without end. @param options - `afterBytes` of `mid-body`, by default half of the body */
  stall(at: StallPoint, options?: { readonly afterBytes?: number | undefined }): FaultRule;
  /** The request arrives and takes effect twice; only the second response is seen. Browsers do so by themselves. */
  resend(): FaultRule;
  /** Delays the response by that long. */
  delay(delayMs: number): FaultRule;
  /**
   * The response begins at once with a 200 and a space each second; only after `forMs` does the request take effect, and
   * the content of the response follows. A response without a body is just delayed by that long.
   */
  drip(forMs: number): FaultRule;
  /** The body is taken no faster. */
  slow(options: { readonly bytesPerSecond: number }): FaultRule;
  /**
   * A proxy takes the body at once and forwards it no faster, on one line that all requests of this rule share. Nothing
   * takes effect before all of a body has been forwarded.
   */
  slowProxy(options: { readonly bytesPerSecond: number }): FaultRule;
  /** Headers that the response lacks, as when CORS does not expose them. */
  hideHeaders(...names: readonly string[]): FaultRule;
  /** Headers, by lower-case name, that the response has instead of its own. */
  setHeaders(headers: Readonly<Record<string, string>>): FaultRule;
  /** The response's ETag is empty, in the header and in the XML. */
  emptyEtag(): FaultRule;
  /** The upload that the request names vanishes before the request is looked at. */
  dropUpload(): FaultRule;
  /** Changes anything, before the request is looked at (the default) or after it took effect. */
  act(act: Act, when?: 'before' | 'after'): FaultRule;
}

/**
 * Picks out requests for a fault: `on('uploadPart', { partNumber: 3 }).respond(503, 'SlowDown')`.
 *
 * Rules are asked in order, each fires once unless `times` says more. `delay`, `drip`, `slow`, `slowProxy`,
 * `hideHeaders`, `setHeaders`, `emptyEtag`, `dropUpload` and `act` let later rules apply too; any other one
 * decides how the request ends, and rules after it are left for a later arrival.
 *
 * @param operation - `any` is every operation but a browser's preflight
 *
 * @example
 * ```ts
 * const fake = createFakeObs({ faults: [on('uploadPart', { partNumber: 3, times: 2 }).respond(503, 'SlowDown')] });
 * fake.addFaults(on('completeMultipartUpload').loseResponse());
 * ```
 */
export function on(operation: ObsOperation | 'any', match: FaultMatch = {}): FaultBuilder {
  const rule = (fault: Fault, name: string): FaultRule => new CountingRule(operation, match, fault, name);
  const respond = (
    status: number,
    code: string | null,
    options: RespondOptions,
    name: string,
    by: 'service' | 'cache' | 'portal' = 'service',
  ): FaultRule =>
    rule(
      {
        type: 'respond',
        status,
        code,
        message: options.message ?? null,
        headers: options.headers ?? {},
        body: options.body ?? null,
        takesEffect: options.takesEffect ?? false,
        cors: options.cors ?? true,
        cached: by === 'cache',
        isForeign: by === 'portal',
      },
      name,
    );
  return {
    respond: (status, code = null, options = {}) =>
      respond(status, code, options, `respond ${status}${code === null ? '' : ` ${code}`}`),
    errorIn200: (code = 'InternalError', options = {}) => respond(200, code, options, `error in 200 ${code}`),
    redirect: (status, location) =>
      respond(status, null, location === undefined ? {} : { headers: { location } }, `redirect ${status}`),
    cached: (headers) => respond(200, null, { headers }, 'cached', 'cache'),
    htmlPage: (body = '<!doctype html><title>Sign in</title><p>Sign in to use this network.') =>
      respond(200, null, { body, headers: { 'content-type': 'text/html' } }, 'html page', 'portal'),
    loseResponse: () => rule({ type: 'lose-response' }, 'lose response'),
    truncateResponse: () => rule({ type: 'truncate-response' }, 'truncate response'),
    endlessResponse: () => rule({ type: 'endless-response' }, 'endless response'),
    reset: ({ afterBytes = 0 } = {}) => rule({ type: 'reset', afterBytes }, `reset after ${afterBytes} bytes`),
    stall: (at, { afterBytes } = {}) => rule({ type: 'stall', at, afterBytes: afterBytes ?? null }, `stall ${at}`),
    resend: () => rule({ type: 'resend' }, 'resend'),
    delay: (delayMs) => rule({ type: 'delay', delayMs }, `delay ${delayMs} ms`),
    drip: (forMs) => rule({ type: 'drip', forMs }, `drip ${forMs} ms`),
    slow: ({ bytesPerSecond }) => rule({ type: 'slow', bytesPerSecond }, `slow ${bytesPerSecond} B/s`),
    slowProxy: ({ bytesPerSecond }) =>
      rule({ type: 'slow-proxy', line: createSharedLine(bytesPerSecond) }, `slow proxy ${bytesPerSecond} B/s`),
    hideHeaders: (...names) =>
      rule(
        { type: 'headers', headers: Object.fromEntries(names.map((name) => [name.toLowerCase(), null])) },
        `hide ${names.join(', ')}`,
      ),
    setHeaders: (headers) => rule({ type: 'headers', headers }, `set ${Object.keys(headers).join(', ')}`),
    emptyEtag: () => rule({ type: 'empty-etag' }, 'empty etag'),
    dropUpload: () =>
      rule(
        { type: 'act', when: 'before', act: (control, { uploadId }) => control.abortUpload(uploadId ?? '') },
        'drop upload',
      ),
    act: (act, when = 'before') => rule({ type: 'act', when, act }, `act ${when}`),
  };
}
