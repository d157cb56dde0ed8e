import { concat, concatMap, defer, finalize, NEVER, of, throwError, timer, type Observable } from 'rxjs';
import { NetworkError } from '../model/errors/network-error.js';
import type { Answer } from '../fake-obs/answer.js';
import type { Act } from '../fake-obs/faults/fault.js';
import type { Begun } from '../fake-obs/machine.js';
import type { ArrivedRequest } from '../fake-obs/service.js';
import { splitProlog } from '../fake-obs/xml.js';
import { MAX_RESPONSE_BYTES, type RequestBody, type TransportEvent } from '../ports/transport/transport.js';
import type { FakeObsCore } from './core.js';
import { lazyBody } from './lazy-body.js';
import { collect, piecesOf, type Pieces } from './pieces.js';
import { readBody, sizeOf } from './read-body.js';
import { receiveBody } from './receive-body.js';
import { uploading$ } from './uploading.js';
import { fromUtf8 } from '../utf8.js';

/** One request from its arrival to its answer, in RxJS time. */
export function exchange$(
  core: FakeObsCore,
  arrived: ArrivedRequest,
  body: RequestBody | null,
  steps: number,
): Observable<TransportEvent> {
  return defer(() => begin$(core, arrived, body, steps)).pipe(finalize(() => arrived.open.aborted()));
}

function begin$(
  core: FakeObsCore,
  arrived: ArrivedRequest,
  body: RequestBody | null,
  steps: number,
): Observable<TransportEvent> {
  const { outcome } = arrived.plan;
  if (outcome?.type === 'reset' && outcome.afterBytes === 0) return broken$(arrived);
  if (outcome?.type === 'stall' && outcome.at === 'before-body') return NEVER;
  perform(core, arrived, arrived.plan.before);
  const begun = core.service.machine.begin(arrived.request);
  if (begun.type === 'answered' && arrived.canned === null) return respond$(core, arrived, begun, piecesOf());

  const size = sizeOf(body);
  const cut = cutOf(arrived, size);
  const upload$ = uploading$(size, cut ?? size, { bytesPerSecond: core.bytesPerSecond(arrived.plan), steps });
  if (cut !== null) return concat(upload$, outcome?.type === 'stall' ? NEVER : broken$(arrived));
  return readBody(body).pipe(concatMap((pieces) => concat(upload$, respond$(core, arrived, begun, pieces))));
}

function respond$(core: FakeObsCore, arrived: ArrivedRequest, begun: Begun, body: Pieces): Observable<TransportEvent> {
  return defer(() => {
    const { outcome, after } = arrived.plan;
    const answer = arrived.takesEffect || begun.type === 'answered' ? carryOut(core, begun, body) : null;
    perform(core, arrived, after);
    switch (outcome?.type) {
      case 'reset':
      case 'stall':
        return NEVER;
      case 'lose-response':
      case 'truncate-response':
        return wait$(core.latencyMs(arrived.plan), () => broken$(arrived));
      case 'resend':
        arrived.open.lost();
        return exchange$(core, arrived.again(), lazyBody(body), 0);
      default:
        return answer$(core, arrived, answer);
    }
  });
}

function carryOut(core: FakeObsCore, begun: Begun, body: Pieces): Answer {
  if (begun.type === 'answered') return begun.answer;
  const received = receiveBody(body, { ...begun, etags: core.etags }, core.service.config.newId());
  const { answer, effects } = begun.finish(received);
  for (const effect of effects) core.bytes.carryOut(effect, body);
  return answer;
}

/** The answer, after the time that the way and the faults take. @param answer - null: a fault puts one in its place */
function answer$(core: FakeObsCore, arrived: ArrivedRequest, answer: Answer | null): Observable<TransportEvent> {
  return wait$(core.latencyMs(arrived.plan), () => {
    const told = arrived.spoil(answer);
    // Counted as over before it is seen: whoever sees it may send the next request at once.
    arrived.open.answered(told.status);
    const headers = core.page === null ? told.headers : core.page.filter(told);
    return of({ type: 'response', response: { status: told.status, headers, body: textOf(core, arrived, told) } });
  });
}

function textOf(core: FakeObsCore, { plan, request }: ArrivedRequest, { text, bytes }: Answer): string {
  if (plan.outcome?.type === 'endless-response') return text.padEnd(MAX_RESPONSE_BYTES, ' ');
  if (bytes !== null && request.method !== 'HEAD') {
    const end = Math.min(bytes.end, bytes.start + MAX_RESPONSE_BYTES);
    return fromUtf8(collect(core.bytes.get(bytes.object.bytesId), bytes.start, end));
  }
  const [prolog, rest] = splitProlog(text);
  return prolog + ' '.repeat(Math.ceil(plan.dripMs / 1000)) + rest;
}

/** After how many bytes of its body the request is cut off; null: not at all. */
function cutOf({ plan: { outcome } }: ArrivedRequest, size: number): number | null {
  if (outcome?.type === 'reset') return Math.min(outcome.afterBytes, size);
  if (outcome?.type !== 'stall') return null;
  if (outcome.at === 'before-response') return size;
  return outcome.at === 'mid-body' ? Math.min(outcome.afterBytes ?? Math.floor(size / 2), size) : null;
}

function perform(core: FakeObsCore, { request }: ArrivedRequest, acts: readonly Act[]): void {
  for (const act of acts) act(core.control, request);
}

function broken$({ open }: ArrivedRequest): Observable<never> {
  return throwError(() => {
    open.lost();
    return new NetworkError('network', 'The connection broke.', { retryable: true });
  });
}

function wait$<T>(delayMs: number, next: () => Observable<T>): Observable<T> {
  return delayMs > 0 ? timer(delayMs).pipe(concatMap(next)) : defer(next);
}
