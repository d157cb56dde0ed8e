import type { Answer } from '../response/answer.js';
import type { ObsRequest } from '../request/request.js';
import type { Act, FaultRule, Outcome } from './fault.js';
import type { CountingRule } from './rule.js';
import type { SharedLine } from './shared-line.js';

/** All that goes wrong with one request. */
export interface ArrivalPlan {
  /** Names of the rules that fired; null: none did. */
  readonly name: string | null;
  readonly outcome: Outcome | null;
  readonly delayMs: number;
  readonly dripMs: number;
  /** null: no bound */
  readonly bytesPerSecond: number | null;
  /** What a proxy forwards the body on that it has taken at once; null: there is no such proxy */
  readonly line: SharedLine | null;
  /** Headers that the response gets, or (null) loses. */
  readonly headers: Readonly<Record<string, string | null>>;
  readonly emptyEtag: boolean;
  readonly before: readonly Act[];
  readonly after: readonly Act[];
}

/** The rules of one fake OBS, in the order in which they are asked. */
export interface FaultPlan {
  readonly rules: readonly FaultRule[];
  add(...rules: readonly FaultRule[]): void;
  clear(): void;
  /** Asks and advances the rules for one arrival. */
  planFor(request: ObsRequest): ArrivalPlan;
}

type Draft = { -readonly [K in keyof ArrivalPlan]: ArrivalPlan[K] };

export function createFaultPlan(initial: readonly FaultRule[]): FaultPlan {
  const rules: CountingRule[] = [];
  const plan: FaultPlan = {
    rules,
    add(...added) {
      for (const rule of added) {
        if (!isCounting(rule)) throw new TypeError('A fault rule is made by on(…).');
        rules.push(rule);
      }
    },
    clear: () => void rules.splice(0),
    planFor: (request) => planFor(rules, request),
  };
  plan.add(...initial);
  return plan;
}

/** Not `instanceof`: the entries that make rules and the one that asks them may be bundled apart. */
function isCounting(rule: FaultRule): rule is CountingRule {
  return 'isDue' in rule && 'fire' in rule;
}

function planFor(rules: readonly CountingRule[], request: ObsRequest): ArrivalPlan {
  const draft: Draft = {
    name: null,
    outcome: null,
    delayMs: 0,
    dripMs: 0,
    bytesPerSecond: null,
    line: null,
    headers: {},
    emptyEtag: false,
    before: [],
    after: [],
  };
  for (const rule of rules) {
    if (!rule.isDue(request) || draft.outcome !== null) continue;
    rule.fire();
    draft.name = draft.name === null ? rule.name : `${draft.name} + ${rule.name}`;
    take(draft, rule);
  }
  return draft;
}

function take(draft: Draft, { fault }: FaultRule): void {
  switch (fault.type) {
    case 'delay':
      draft.delayMs += fault.delayMs;
      return;
    case 'drip':
      draft.dripMs += fault.forMs;
      return;
    case 'slow':
      draft.bytesPerSecond = Math.min(draft.bytesPerSecond ?? Infinity, fault.bytesPerSecond);
      return;
    case 'slow-proxy':
      draft.line = fault.line;
      return;
    case 'headers':
      draft.headers = { ...draft.headers, ...fault.headers };
      return;
    case 'empty-etag':
      draft.emptyEtag = true;
      return;
    case 'act':
      draft[fault.when] = [...draft[fault.when], fault.act];
      return;
    default:
      draft.outcome = fault;
  }
}

/** The response as the plan lets it be seen. */
export function spoil(answer: Answer, plan: ArrivalPlan): Answer {
  const hasEmptyEtag = plan.emptyEtag && 'etag' in answer.headers;
  const changes: Readonly<Record<string, string | null>> = { ...(hasEmptyEtag ? { etag: '' } : {}), ...plan.headers };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...answer.headers, ...changes })) {
    if (value !== null) headers[name] = value;
  }
  const text = plan.emptyEtag ? answer.text.replace(/<ETag>[^<]*<\/ETag>/g, '<ETag></ETag>') : answer.text;
  return { ...answer, headers, text };
}
