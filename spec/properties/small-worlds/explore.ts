import type { UploadEvent } from 'rx-obs-upload';
import type { Arrival, ObsOperation } from 'rx-obs-upload/testing';
import { law } from '../../support/laws.js';
import { kinds, type Kind } from '../../support/fault-kinds.js';
import { runPlan, type Outcome, type SmallWorld } from './world.js';

/** A fault and the request that it hits. */
interface Step {
  /** Among all requests, from 1. */
  readonly arrival: number;
  readonly operation: ObsOperation | null;
  readonly kind: Kind;
}

export interface Exploration {
  /** The number of runs. */
  readonly runs: number;
  /** The broken laws, each with the plan that breaks it. */
  readonly violations: readonly string[];
}

export interface Depth {
  /** The maximum number of faults in a run. */
  readonly faults: number;
  /** The maximum number of faults in a run that is also cancelled, after each of its events, and resumed. */
  readonly faultsWithCancel: number;
  /** Whether only one of several faults with the same effect is tried in combinations. */
  readonly merges: boolean;
}

/**
 * Explores every way through a world: each fault at each request of the run, then each further fault at each later
 * request of the resulting run, and a cancel after each event.
 */
export function explore(world: SmallWorld, depth: Depth): Exploration {
  const violations: string[] = [];
  const distinct = new Map<ObsOperation | null, Set<Kind>>();
  let runs = 0;

  const attempt = (steps: readonly Step[], cancelAfter: number | null): Outcome | null => {
    runs += 1;
    try {
      const faults = steps.flatMap(({ kind, arrival }) => kind.build({ arrival }));
      const outcome = runPlan(world, { faults, cancelAfter });
      if (cancelAfter === null) expectSuccess(outcome, steps);
      else expectResumed(outcome, steps);
      return outcome;
    } catch (error) {
      violations.push(`${describe(world, steps, cancelAfter)}: ${String(error)}`);
      return null;
    }
  };

  const visit = (steps: readonly Step[], outcome: Outcome): void => {
    if (steps.length <= depth.faultsWithCancel) {
      outcome.first.values.forEach((_, i) => void attempt(steps, i));
    }
    if (steps.length >= depth.faults) return;
    for (let arrival = (steps.at(-1)?.arrival ?? 0) + 1; arrival <= outcome.arrivals.length; arrival++) {
      const operation = outcome.arrivals[arrival - 1]?.operation ?? null;
      const known = distinct.get(operation);
      const isFirst = known === undefined || steps.length === 0;
      const found = known ?? new Set<Kind>();
      distinct.set(operation, found);
      const seen = new Set<string>();
      for (const kind of depth.merges && !isFirst ? [...found] : kinds) {
        if (operation === null || !kind.concerns(operation)) continue;
        const next = [...steps, { arrival, operation, kind }];
        const reached = attempt(next, null);
        if (reached === null) continue;
        const trace = traceOf(reached, kind);
        if (depth.merges && seen.has(trace)) continue;
        seen.add(trace);
        found.add(kind);
        visit(next, reached);
      }
    }
  };

  const undisturbed = attempt([], null);
  if (undisturbed !== null) visit([], undisturbed);
  return { runs, violations };
}

/**
 * The trace by which faults are distinguished. The engine is deterministic, and sees only the outcome of a request, not
 * its fault. If it sends the same requests and emits the same events for the same reasons after two faults, up to the
 * end and in the resume too, it is in the same state after both, as far as can be observed: further faults are tried
 * after only one of them. Combinations use only those faults of an operation that were distinguished at one of its
 * requests in the undisturbed run, or, if it has none there, at the first request of that operation. Faults with a
 * budget of their own (credentials, the clock, a restart) are never merged with others.
 */
function traceOf({ first, second, arrivals }: Outcome, { once }: Kind): string {
  const events = first.values.map(summaryOf);
  const requests = arrivals.map(({ operation, partNumber }) => [operation, partNumber]);
  const code = (first.error as { readonly code?: string } | undefined)?.code;
  return JSON.stringify([once, events, requests, code, second?.values.map(({ type }) => type)]);
}

function summaryOf(event: UploadEvent): unknown {
  return event.type === 'retrying' ? [event.type, event.operation, event.partNumber, event.error.code] : event.type;
}

/** No false failure: the upload survives every fault that can be survived. */
function expectSuccess({ first, arrivals }: Outcome, steps: readonly Step[]): void {
  if (first.completed) return;
  law(8, mayEnd(steps, arrivals), `a fault that can be survived ends the upload: ${String(first.error)}`);
}

/** A cancelled upload can be resumed, whatever happened before: only a fault of the resume itself may end it. */
function expectResumed({ second, arrivals, later }: Outcome, steps: readonly Step[]): void {
  if (second === null || second.completed) return;
  const ofResume = steps.filter(({ arrival }) => arrival > arrivals.length);
  law(4, mayEnd(ofResume, [...arrivals, ...later]), `what was cancelled cannot be resumed: ${String(second.error)}`);
}

/** Whether a fault may end the upload, because of the request that it hit or because it repeats an earlier fault. */
function mayEnd(steps: readonly Step[], requests: readonly Arrival[]): boolean {
  const completeSent = requests.findIndex(({ operation }) => operation === 'completeMultipartUpload') + 1;
  return steps.some(({ kind, arrival }, i) => {
    const request = requests[arrival - 1];
    if (request === undefined) return false;
    const { operation } = request;
    const isRepeated = kind.once !== null && steps.slice(0, i).some((other) => other.kind.once === kind.once);
    // Once complete may have created the object, the upload must not be restarted silently.
    const isTooLate = kind.once === 'upload' && completeSent > 0 && arrival >= completeSent;
    return isRepeated || isTooLate || operation === null || !kind.concerns(operation) || kind.isFinalFor(operation);
  });
}

function describe(world: SmallWorld, steps: readonly Step[], cancelAfter: number | null): string {
  const faults = steps.map(({ arrival, operation, kind }) => `request ${arrival} (${operation}): ${kind.name}`);
  return [world.name, ...faults, ...(cancelAfter === null ? [] : [`cancelled after event ${cancelAfter}`])].join('; ');
}
