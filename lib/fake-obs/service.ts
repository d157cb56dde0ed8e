import type { Answer } from './response/answer.js';
import { createArrivalLog, type ArrivalLog, type OpenArrival } from './arrivals.js';
import { resolveConfig, type FrontConfig, type ObsConfig, type ObsServiceOptions } from './state/config.js';
import { createFaultPlan, spoil, type ArrivalPlan, type FaultPlan } from './faults/plan.js';
import type { FaultRule } from './faults/fault.js';
import { createObsMachine, withoutCors, withoutMarks, type ObsMachine } from './machine.js';
import type { ObsOperation, ObsRequest, RequestHead } from './request/request.js';
import { createStateStore, type StateStore } from './state/state.js';
import { splitProlog, XML_PROLOG } from './response/xml.js';

/** State, rules, faults and log of one fake OBS: what its two fronts share. */
export interface ObsService {
  readonly config: ObsConfig;
  readonly store: StateStore;
  readonly machine: ObsMachine;
  readonly faults: FaultPlan;
  readonly log: ArrivalLog;
  /** Logs a request and asks the fault plan about it. */
  arrive(head: RequestHead, size: number): ArrivedRequest;
}

/** A request at the door. */
export interface ArrivedRequest {
  readonly request: ObsRequest;
  readonly plan: ArrivalPlan;
  readonly open: OpenArrival;
  /** The response that a fault puts in place of the service's own; null without such a fault. */
  readonly canned: Answer | null;
  /** Whether the request is to take effect, whatever the response. */
  readonly takesEffect: boolean;
  /**
   * The response as the faults let it be seen.
   * @param answer - null where a fault puts its own in place
   * @param head - what was sent of it before it was known, else null
   */
  spoil(answer: Answer | null, head: Answer | null): Answer;
  /** What a response begins with before it is known, up to its XML declaration; null where there is no XML in it. */
  drippingHead(): Answer | null;
  /** The same request, arriving once more. */
  again(): ArrivedRequest;
}

/** @param logLimit - arrivals that the log keeps */
export function createObsService(
  options: ObsServiceOptions & { readonly faults?: readonly FaultRule[] | undefined },
  front: FrontConfig,
  logLimit?: number,
): ObsService {
  const config = resolveConfig(options, front);
  const store = createStateStore();
  const machine = createObsMachine(store.state, config);
  const faults = createFaultPlan(options.faults ?? []);
  const log = createArrivalLog(config.now, logLimit);
  const arrive = (head: RequestHead, size: number): ArrivedRequest => {
    const request = machine.read(head);
    const plan = faults.planFor(request);
    const canned = cannedAnswer(machine, request, plan);
    return {
      request,
      plan,
      open: log.open(request, size, plan.name),
      canned,
      takesEffect: takesEffect(plan),
      spoil(answer, head) {
        const full = canned ?? answer ?? machine.refuse(request, { code: 'InternalError' });
        return spoil(head === null ? full : { ...head, text: full.text }, plan);
      },
      drippingHead: () => drippingHead(machine, request, canned, plan),
      again: () => arrive(head, size),
    };
  };
  return { config, store, machine, faults, log, arrive };
}

const answeredWithXml: ReadonlySet<ObsOperation | null> = new Set<ObsOperation>([
  'initiateMultipartUpload',
  'completeMultipartUpload',
  'listParts',
  'listMultipartUploads',
  'listObjects',
  'listBuckets',
]);

function drippingHead(
  machine: ObsMachine,
  request: ObsRequest,
  canned: Answer | null,
  plan: ArrivalPlan,
): Answer | null {
  if (canned !== null) return canned.text === '' ? null : spoil({ ...canned, text: splitProlog(canned.text)[0] }, plan);
  if (!answeredWithXml.has(request.operation)) return null;
  const head = { status: 200, headers: { 'content-type': 'application/xml' }, text: XML_PROLOG, bytes: null };
  return spoil(machine.dress(request, head), plan);
}

function takesEffect({ outcome }: ArrivalPlan): boolean {
  if (outcome?.type === 'respond') return outcome.takesEffect;
  if (outcome?.type === 'stall') return outcome.at === 'after-effect' || outcome.at === 'mid-response';
  return outcome?.type !== 'reset';
}

function cannedAnswer(machine: ObsMachine, request: ObsRequest, { outcome }: ArrivalPlan): Answer | null {
  if (outcome?.type !== 'respond') return null;
  const { status, code, message, headers, body, cors, isForeign } = outcome;
  const answer =
    body === null && code !== null
      ? machine.refuse(request, { code, message, status })
      : machine.dress(request, { status, headers: {}, text: body ?? '', bytes: null });
  const own = isForeign ? withoutMarks(answer) : answer;
  const dressed = { ...own, headers: { ...own.headers, ...headers } };
  return cors ? dressed : withoutCors(dressed);
}
