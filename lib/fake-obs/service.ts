import type { Answer } from './answer.js';
import { createArrivalLog, type ArrivalLog, type OpenArrival } from './arrivals.js';
import { resolveConfig, type FrontConfig, type ObsConfig, type ObsServiceOptions } from './config.js';
import { createFaultPlan, spoil, type ArrivalPlan, type FaultPlan } from './faults/plan.js';
import type { FaultRule } from './faults/fault.js';
import { createObsMachine, withoutCors, type ObsMachine } from './machine.js';
import type { ObsRequest, RequestHead } from './request.js';
import { createStateStore, type StateStore } from './state.js';

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
  /** The answer that a fault puts in place of the service's own; null without such a fault. */
  readonly canned: Answer | null;
  /** Whether the request is to take effect, whatever the answer. */
  readonly takesEffect: boolean;
  /** The answer as the faults let it be seen. @param answer - null where a fault puts its own in place */
  spoil(answer: Answer | null): Answer;
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
      spoil: (answer) => spoil(canned ?? answer ?? machine.refuse(request, { code: 'InternalError' }), plan),
      again: () => arrive(head, size),
    };
  };
  return { config, store, machine, faults, log, arrive };
}

function takesEffect({ outcome }: ArrivalPlan): boolean {
  if (outcome?.type === 'respond') return outcome.takesEffect;
  if (outcome?.type === 'stall') return outcome.at === 'after-effect' || outcome.at === 'mid-response';
  return outcome?.type !== 'reset';
}

function cannedAnswer(machine: ObsMachine, request: ObsRequest, { outcome }: ArrivalPlan): Answer | null {
  if (outcome?.type !== 'respond') return null;
  const { status, code, message, headers, body, cors } = outcome;
  const answer =
    body === null && code !== null
      ? machine.refuse(request, { code, message, status })
      : machine.dress(request, { status, headers: {}, text: body ?? '', bytes: null });
  const dressed = { ...answer, headers: { ...answer.headers, ...headers } };
  return cors ? dressed : withoutCors(dressed);
}
