import type { ObsOperation, ObsRequest } from '../request/request.js';
import type { Fault, FaultMatch, FaultRule } from './fault.js';

/** A rule that the fault plan can ask and advance. */
export class CountingRule implements FaultRule {
  readonly name: string;
  readonly operation: ObsOperation | 'any';
  readonly match: FaultMatch;
  readonly fault: Fault;
  #matched = 0;
  #fired = 0;

  constructor(operation: ObsOperation | 'any', match: FaultMatch, fault: Fault, name: string) {
    this.operation = operation;
    this.match = match;
    this.fault = fault;
    this.name = match.name ?? name;
  }

  get fired(): number {
    return this.#fired;
  }

  /** Counts an arrival, no matter which rule decides over it, and says whether this rule is due for it. */
  isDue(request: ObsRequest): boolean {
    if (!this.#concerns(request)) return false;
    this.#matched += 1;
    return this.#matched >= (this.match.arrival ?? 1) && this.#fired < (this.match.times ?? 1);
  }

  fire(): void {
    this.#fired += 1;
  }

  #concerns(request: ObsRequest): boolean {
    const { partNumber, key, when } = this.match;
    const { fault } = this;
    const isBypassed = fault.type === 'respond' && fault.cached && bypassesCaches(request);
    return (
      !isBypassed &&
      (this.operation === 'any' ? request.operation !== 'preflight' : this.operation === request.operation) &&
      (partNumber === undefined || partNumber === request.partNumber) &&
      (key === undefined || key === request.key) &&
      (when === undefined || when(request))
    );
  }
}

/** As browsers ask for it, where a page fetches with the cache mode `no-store` or `reload`. */
function bypassesCaches({ headers }: ObsRequest): boolean {
  return /no-(?:cache|store)/.test(headers['cache-control'] ?? '');
}
