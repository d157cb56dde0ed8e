import {
  concat,
  concatMap,
  defer,
  finalize,
  from,
  ignoreElements,
  map,
  NEVER,
  of,
  range,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { monotonicNow } from '../../time.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { Answer } from '../../fake-obs/response/answer.js';
import { BLANK_INTERVAL_MS, blanksOf, cutOf, endingOf } from '../../fake-obs/faults/course.js';
import type { Act } from '../../fake-obs/faults/fault.js';
import { slicesOf, type SharedLine } from '../../fake-obs/faults/shared-line.js';
import type { Begun } from '../../fake-obs/machine.js';
import type { ArrivedRequest } from '../../fake-obs/service.js';
import { slower } from '../../fake-obs/rules/traffic-limit.js';
import { splitProlog } from '../../fake-obs/response/xml.js';
import { isRedirectStatus, REDIRECTED } from '../../ports/transport/outcome.js';
import { MAX_RESPONSE_BYTES, type RequestBody, type TransportEvent } from '../../ports/transport/transport.js';
import type { FakeObsCore } from './core.js';
import { lazyBody } from '../bytes/lazy-body.js';
import { collect, piecesOf, type Pieces } from '../bytes/pieces.js';
import { readBody, sizeOf } from '../bytes/read-body.js';
import { receiveBody } from '../bytes/receive-body.js';
import { uploading$ } from './uploading.js';
import { fromUtf8 } from '../../bytes.js';

/** One request from its arrival to its response, in RxJS time. */
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
  const { plan } = arrived;
  const size = sizeOf(body);
  const cut = cutOf(plan, size);
  const cut$ = cut?.then === 'silence' ? NEVER : broken$(arrived);
  if (cut?.atOnce === true) return cut$;
  perform(core, arrived, plan.before);
  const begun = core.service.machine.begin(arrived.request);
  if (begun.type === 'answered' && arrived.canned === null) return respond$(core, arrived, begun, piecesOf());

  const ownLimit = begun.type === 'accepted' ? begun.bytesPerSecond : null;
  const bytesPerSecond = plan.line === null ? slower(core.bytesPerSecond(plan), ownLimit) : null;
  const upload$ = uploading$(size, cut?.afterBytes ?? size, { bytesPerSecond, steps }).pipe(
    core.clogs.pass(arrived.request.partNumber),
  );
  if (cut !== null) return concat(upload$, cut$);
  const forward$ = plan.line === null ? [] : [forwarding$(plan.line, size)];
  return readBody(body).pipe(
    concatMap((pieces) => concat(upload$, ...forward$, respond$(core, arrived, begun, pieces))),
  );
}

function forwarding$(line: SharedLine, size: number): Observable<never> {
  return from(slicesOf(size)).pipe(
    concatMap((slice) => timer(line.send(slice, monotonicNow()))),
    ignoreElements(),
  );
}

function respond$(core: FakeObsCore, arrived: ArrivedRequest, begun: Begun, body: Pieces): Observable<TransportEvent> {
  const { plan } = arrived;
  const latencyMs = core.latencyMs(plan);
  if (plan.dripMs === 0) return settle$(core, arrived, begun, body, { latencyMs, head: null });
  const head = begun.type === 'accepted' ? arrived.drippingHead() : null;
  const drip$ = wait$(latencyMs, () =>
    head === null
      ? timer(plan.dripMs).pipe(ignoreElements())
      : dripping$(arrived, head).pipe(core.clogs.pass(arrived.request.partNumber)),
  );
  return concat(drip$, settle$(core, arrived, begun, body, { latencyMs: 0, head }));
}

/** The head of the response and blanks, before the request takes effect. */
function dripping$({ plan }: ArrivedRequest, { text }: Answer): Observable<TransportEvent> {
  const count = blanksOf(plan);
  const blanks$ = range(1, count).pipe(
    concatMap((n) => {
      const event: TransportEvent = { type: 'download-progress', loadedBytes: text.length + n };
      return n === 1 ? of(event) : timer(BLANK_INTERVAL_MS).pipe(map(() => event));
    }),
  );
  return concat(blanks$, timer(plan.dripMs - (count - 1) * BLANK_INTERVAL_MS).pipe(ignoreElements()));
}

/** Takes effect, then responds or does not. @param head - null if no response has begun yet */
function settle$(
  core: FakeObsCore,
  arrived: ArrivedRequest,
  begun: Begun,
  body: Pieces,
  { latencyMs, head }: { readonly latencyMs: number; readonly head: Answer | null },
): Observable<TransportEvent> {
  return defer(() => {
    const { plan } = arrived;
    const answer = arrived.takesEffect || begun.type === 'answered' ? carryOut(core, begun, body) : null;
    perform(core, arrived, plan.after);
    switch (endingOf(plan)) {
      case 'silence':
        return NEVER;
      case 'silence-within':
        return wait$(latencyMs, () => concat(of<TransportEvent>({ type: 'download-progress', loadedBytes: 0 }), NEVER));
      case 'break':
      case 'break-within':
        return wait$(latencyMs, () => broken$(arrived));
      case 'resend':
        arrived.open.lost();
        return exchange$(core, arrived.again(), lazyBody(body), 0);
      default:
        return wait$(latencyMs, () =>
          of(answer).pipe(
            core.clogs.pass(arrived.request.partNumber),
            map((passed) => responseTo(core, arrived, arrived.spoil(passed, head))),
          ),
        );
    }
  });
}

function carryOut(core: FakeObsCore, begun: Begun, body: Pieces): Answer {
  if (begun.type === 'answered') return begun.answer;
  const received = receiveBody(body, { ...begun, etags: core.etags }, core.service.config.newId());
  const { answer, effects } = begun.finish(received.body);
  for (const effect of effects) core.bytes.carryOut(effect, received.pieces);
  return answer;
}

/** The response as the client may see it; a page cannot see a redirect. */
function responseTo(core: FakeObsCore, arrived: ArrivedRequest, answer: Answer): TransportEvent {
  const { status } = answer;
  // Counted as finished before it is emitted: the subscriber may send the next request synchronously.
  arrived.open.answered(status);
  const headers = core.page === null ? answer.headers : core.page.filter(answer);
  const response = { status, headers, body: textOf(core, arrived, answer) };
  if (!isRedirectStatus(status)) return { type: 'response', response };
  return { type: 'response', response: core.page === null ? { ...response, redirected: true } : REDIRECTED };
}

function textOf(core: FakeObsCore, { plan, request }: ArrivedRequest, { text, bytes }: Answer): string {
  if (endingOf(plan) === 'endless') return text.padEnd(MAX_RESPONSE_BYTES, ' ');
  if (bytes !== null && request.method !== 'HEAD') {
    const end = Math.min(bytes.end, bytes.start + MAX_RESPONSE_BYTES);
    return fromUtf8(collect(core.bytes.get(bytes.object.bytesId), bytes.start, end));
  }
  const [prolog, rest] = splitProlog(text);
  return prolog + ' '.repeat(blanksOf(plan)) + rest;
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
