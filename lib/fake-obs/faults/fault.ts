import type { ObsControl } from '../state/control.js';
import type { ObsOperation, ObsRequest } from '../request/request.js';
import type { SharedLine } from './shared-line.js';

/** Where in a request silence sets in, and lasts. */
export type StallPoint =
  /** Not a byte of the body is taken. */
  | 'before-body'
  /** A part of the body is taken. */
  | 'mid-body'
  /** The body is taken, nothing takes effect, no response comes. */
  | 'before-response'
  /** It takes effect, no response comes. */
  | 'after-effect'
  /** It takes effect, the response begins and never ends. */
  | 'mid-response';

/** A fault that decides how the request ends. */
export type Outcome =
  | {
      readonly type: 'respond';
      readonly status: number;
      readonly code: string | null;
      readonly message: string | null;
      readonly headers: Readonly<Record<string, string>>;
      /** In place of OBS's error body. */
      readonly body: string | null;
      readonly takesEffect: boolean;
      readonly cors: boolean;
      /** Whether a cache responds, which a request may bypass. */
      readonly cached: boolean;
      /** Whether another box answers, so that nothing marks the answer as the service's. */
      readonly isForeign: boolean;
    }
  | { readonly type: 'lose-response' }
  | { readonly type: 'truncate-response' }
  | { readonly type: 'endless-response' }
  | { readonly type: 'reset'; readonly afterBytes: number }
  | { readonly type: 'stall'; readonly at: StallPoint; readonly afterBytes: number | null }
  | { readonly type: 'resend' };

/** Changes the state while a request is under way. */
export type Act = (control: ObsControl, request: ObsRequest) => void;

/** A fault that leaves the end of the request open. */
export type Modifier =
  | { readonly type: 'delay'; readonly delayMs: number }
  | { readonly type: 'drip'; readonly forMs: number }
  | { readonly type: 'slow'; readonly bytesPerSecond: number }
  | { readonly type: 'slow-proxy'; readonly line: SharedLine }
  | { readonly type: 'headers'; readonly headers: Readonly<Record<string, string | null>> }
  | { readonly type: 'empty-etag' }
  | { readonly type: 'act'; readonly when: 'before' | 'after'; readonly act: Act };

/** What happens to a request. */
export type Fault = Outcome | Modifier;

/** Which requests a fault is for. */
export interface FaultMatch {
  /** Only this part. @defaultValue any */
  readonly partNumber?: number | undefined;
  /** Only this object. @defaultValue any */
  readonly key?: string | undefined;
  /** The first arrival that may be hit, counted from 1 over all requests that match the rest. @defaultValue 1 */
  readonly arrival?: number | undefined;
  /** How many are hit from then on; `Infinity`: all. @defaultValue 1 */
  readonly times?: number | undefined;
  /** Only requests for which it returns true. */
  readonly when?: ((request: ObsRequest) => boolean) | undefined;
  /** What the log calls it. @defaultValue what the fault does */
  readonly name?: string | undefined;
}

/** One fault and the requests that it is for; it counts, so it belongs to one fake OBS. */
export interface FaultRule {
  /** As the log shows it, such as `respond 503 SlowDown`. */
  readonly name: string;
  /** The requests that it is for. */
  readonly operation: ObsOperation | 'any';
  /** Which of them. */
  readonly match: FaultMatch;
  /** What happens to them. */
  readonly fault: Fault;
  /** How often it has been done. */
  readonly fired: number;
}
