import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  on,
  type Arrival,
  type FaultRule,
  type ObsOperation,
  type ObsRequest,
  type ObsServer,
  type StallPoint,
} from 'rx-obs-upload/server';
import { until } from './until.js';

/** A moment of an upload at which a browser is killed: the server holds requests until the browser is dead. */
export interface KillMoment {
  /** Requests of this operation are held; of part uploads, as many as are sent concurrently. */
  readonly operation: ObsOperation;
  /** The first part that is held, if parts are. */
  readonly from?: number;
  /** How far a held request has come. `between attempts`: it has failed, and the page waits to retry it. */
  readonly at: StallPoint | 'between attempts';
  /** Bytes of each held body that the server has received. */
  readonly takenBytes?: number;
  /** What the server has stored by then. */
  readonly server: { readonly uploads: number; readonly parts: number; readonly objects: number };
}

export interface HeldMoment {
  /** Resolves once the server has visibly reached the moment; nothing else is in flight then. */
  reached(): Promise<void>;
  /** Stops holding; resolves once the server has noticed that the held requests are aborted. */
  release(): Promise<void>;
}

interface Server extends Pick<ObsServer, 'log' | 'control' | 'addFaults'> {
  readonly directory: string;
}

/** @param concurrency - parts that are sent concurrently */
export function holdAt(
  moment: KillMoment,
  { log, control, addFaults, directory }: Server,
  concurrency: number,
): HeldMoment {
  const { from = 0, takenBytes = 0, server: expected } = moment;
  const held = from === 0 ? 1 : concurrency;
  let isReleased = false;
  const rule = ruleOf(moment, () => !isReleased);
  addFaults(rule);

  const isReached = (): boolean => {
    const { state } = control;
    const uploads = [...state.uploads.values()];
    const objects = [...state.buckets.values()].map((bucket) => bucket.objects.size);
    const isWaiting = moment.at === 'between attempts';
    return (
      rule.fired >= held &&
      log.inFlight() === (isWaiting ? 0 : held) &&
      uploads.length === expected.uploads &&
      sum(uploads.map(({ parts }) => parts.size)) === expected.parts &&
      sum(objects) === expected.objects &&
      String(takenSizes(directory)) === String(Array.from({ length: takenBytes === 0 ? 0 : held }, () => takenBytes))
    );
  };
  const describeState = (): string =>
    `${nameOf(moment)}; last came:\n${log.entries.slice(-8).map(describe).join('\n')}`;

  return {
    reached: () => until(describeState, isReached),
    async release() {
      isReleased = true;
      await until('nothing is in flight', () => log.inFlight() === 0);
    },
  };
}

export function nameOf({ operation, from, at, takenBytes }: KillMoment): string {
  return [operation, from, at, takenBytes].filter((each) => each !== undefined).join(' ');
}

function ruleOf(moment: KillMoment, isNow: () => boolean): FaultRule {
  const { operation, from = 0, at, takenBytes } = moment;
  const when = ({ partNumber }: ObsRequest): boolean => isNow() && (partNumber ?? 0) >= from;
  const fault = on(operation, { name: nameOf(moment), times: Infinity, when });
  // The longest wait that an upload accepts.
  if (at === 'between attempts') return fault.respond(500, 'InternalError', { headers: { 'retry-after': '300' } });
  return at === 'mid-body' && takenBytes !== undefined ? fault.stall(at, { afterBytes: takenBytes }) : fault.stall(at);
}

/** Bytes received so far of each incoming body. */
function takenSizes(directory: string): readonly number[] {
  const folder = join(directory, 'temporary');
  return readdirSync(folder).map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}

function describe({ operation, partNumber, status, aborted, fault }: Arrival): string {
  return `  ${[operation, partNumber, status ?? (aborted ? 'aborted' : 'in flight'), fault].join(' ')}`;
}

/** The state of a server with uploads and parts, before any object. */
export function opened(uploads: number, parts = 0): KillMoment['server'] {
  return { uploads, parts, objects: 0 };
}
