import type { ObsOperation } from 'rx-obs-upload/testing';

/** A combination that breaks a law today. The list is to be empty. */
export interface KnownViolation {
  readonly operation: ObsOperation | 'any';
  readonly kind: RegExp;
  readonly what: string;
}

export const known: readonly KnownViolation[] = [
  { operation: 'any', kind: /^slow$/, what: 'waits of fractions of a millisecond, which a TestScheduler refuses' },
];

/** A request that is given up hands its permit on before it is aborted: one too many for a moment. */
export const permitsMoveTooEarly: boolean = true;

export function isKnown(operation: ObsOperation | null, kind: string): boolean {
  return known.some((entry) => (entry.operation === 'any' || entry.operation === operation) && entry.kind.test(kind));
}
