import fc from 'fast-check';
import { on, type FaultRule } from 'rx-obs-upload/testing';
import { PART } from '../support/upload-world.js';

/** What happens to one upload: everything that chance decides. */
export interface Scenario {
  /** bytes */
  readonly size: number;
  readonly taskNum: number;
  readonly maxConcurrentRequests: number;
  readonly multipart: 'auto' | 'always';
  readonly etags: 'md5' | 'fast';
  readonly checksum: 'none' | 'md5';
  readonly latencyMs: number;
  /** After how many virtual milliseconds each but the last subscription is given up. */
  readonly cancelsAfterMs: readonly number[];
  /** Whether a resume may look back at an older checkpoint than the last one. */
  readonly keepsEvery: number;
  readonly faults: readonly FaultPlan[];
}

export interface FaultPlan {
  readonly operation: Operation;
  readonly kind: Kind;
  readonly arrival: number;
  readonly times: number;
}

const operations = [
  'initiateMultipartUpload',
  'uploadPart',
  'uploadPart',
  'uploadPart',
  'listParts',
  'completeMultipartUpload',
  'completeMultipartUpload',
  'headObject',
  'putObject',
] as const;
type Operation = (typeof operations)[number];

type Build = (operation: Operation, match: { arrival: number; times: number }) => FaultRule;

const kinds = {
  'refused for the moment': (operation, match) => on(operation, match).respond(503, 'ServiceUnavailable'),
  throttled: (operation, match) => on(operation, match).respond(429, 'TooManyRequests'),
  'internal error': (operation, match) => on(operation, match).respond(500, 'InternalError'),
  'internal error after it took effect': (operation, match) =>
    on(operation, match).respond(500, 'InternalError', { takesEffect: true }),
  'refused for good': (operation, match) => on(operation, match).respond(400, 'InvalidArgument'),
  'keys refused': (operation, match) => on(operation, match).respond(403, 'InvalidAccessKeyId'),
  'clock refused': (operation, match) => on(operation, match).respond(403, 'RequestTimeTooSkewed'),
  'error in 200': (operation, match) => on(operation, match).errorIn200(),
  'captive portal': (operation, match) => on(operation, match).htmlPage(),
  'lost answer': (operation, match) => on(operation, match).loseResponse(),
  'truncated answer': (operation, match) => on(operation, match).truncateResponse(),
  'reset at once': (operation, match) => on(operation, match).reset(),
  'reset in the body': (operation, match) => on(operation, match).reset({ afterBytes: 50_000 }),
  'silence in the body': (operation, match) => on(operation, match).stall('mid-body'),
  'silence after the body': (operation, match) => on(operation, match).stall('before-response'),
  'silence after it took effect': (operation, match) => on(operation, match).stall('after-effect'),
  'sent twice by the browser': (operation, match) => on(operation, match).resend(),
  'hidden ETag': (operation, match) => on(operation, match).hideHeaders('etag'),
  'empty ETag': (operation, match) => on(operation, match).emptyEtag(),
  'upload vanishes': (operation, match) => on(operation, match).dropUpload(),
  'part vanishes': (operation, match) =>
    on(operation, match).act((control, { uploadId }) => control.deletePart(uploadId ?? '', 1)),
} satisfies Record<string, Build>;
type Kind = keyof typeof kinds;

export function faultOf({ operation, kind, arrival, times }: FaultPlan): FaultRule {
  return kinds[kind](operation, { arrival, times });
}

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  size: fc.oneof(fc.constantFrom(0, 1, PART, 2 * PART, 3 * PART), fc.integer({ min: 0, max: 5 * PART })),
  taskNum: fc.integer({ min: 1, max: 4 }),
  maxConcurrentRequests: fc.integer({ min: 1, max: 4 }),
  multipart: fc.constantFrom('auto', 'always'),
  etags: fc.constantFrom('fast', 'fast', 'fast', 'md5'),
  checksum: fc.constantFrom('none', 'none', 'none', 'md5'),
  latencyMs: fc.constantFrom(0, 1, 10),
  cancelsAfterMs: fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 3 }),
  keepsEvery: fc.integer({ min: 1, max: 3 }),
  faults: fc.array(
    fc.record({
      operation: fc.constantFrom(...operations),
      kind: fc.constantFrom(...(Object.keys(kinds) as Kind[])),
      arrival: fc.integer({ min: 1, max: 4 }),
      times: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 5 },
  ),
});
