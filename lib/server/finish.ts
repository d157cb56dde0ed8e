import type { Answer } from '../fake-obs/answer.js';
import type { Act } from '../fake-obs/faults/fault.js';
import type { ArrivalPlan } from '../fake-obs/faults/plan.js';
import type { ArrivedRequest } from '../fake-obs/service.js';
import type { Connection } from './connection.js';
import type { ServerCore } from './core.js';
import { hasCode } from './has-code.js';
import { drain } from './drain.js';
import { drip, type Drip } from './drip.js';
import { LinkRefused } from './links.js';
import { endingOf, sendAnswer } from './send-answer.js';

/** @param answer - null: a fault puts one in its place, or none comes */
export async function finish(
  core: ServerCore,
  connection: Connection,
  arrived: ArrivedRequest,
  answer: Answer | null,
): Promise<void> {
  const { plan, open } = arrived;
  await perform(core, arrived, plan.after);
  if (breaks(plan)) return breakOff(connection, arrived);
  if (plan.outcome?.type === 'stall' && plan.outcome.at !== 'mid-response') return connection.forever();
  await connection.wait(plan.delayMs);
  const told = arrived.spoil(answer);
  if (plan.dripMs > 0) await dripFor(connection, drip(connection, told, 0), plan.dripMs);
  const ending = endingOf(plan);
  // Counted as over before it is sent: whoever sees it may send the next request at once.
  if (ending === 'whole') open.answered(told.status);
  if (ending === 'break') open.lost();
  return sendAnswer(connection, told, ending, core.storage.openFile);
}

function breaks({ outcome }: ArrivalPlan): boolean {
  return outcome?.type === 'reset' || outcome?.type === 'lose-response' || outcome?.type === 'resend';
}

async function dripFor(connection: Connection, dripping: Drip, milliseconds: number): Promise<void> {
  try {
    await connection.wait(milliseconds);
  } finally {
    dripping.stop();
  }
}

export async function perform(core: ServerCore, { request }: ArrivedRequest, acts: readonly Act[]): Promise<void> {
  for (const act of acts) act(core.control, request);
  if (acts.length > 0) await core.settled();
}

export function breakOff(connection: Connection, { open }: ArrivedRequest): Promise<never> {
  open.lost();
  connection.cut();
  return connection.forever();
}

/** What goes wrong here is told as the service would tell it. */
export async function fail(
  core: ServerCore,
  connection: Connection,
  arrived: ArrivedRequest,
  error: unknown,
): Promise<void> {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : null;
  const status = code === 'InternalError' ? 500 : 403;
  const answer = core.service.machine.refuse(arrived.request, { code, message, status });
  arrived.open.answered(connection.response.headersSent ? connection.response.statusCode : status);
  await drain(connection);
  await sendAnswer(connection, answer, 'whole', core.storage.openFile);
}

function codeOf(error: unknown): string {
  if (hasCode(error, 'ENOSPC', 'EDQUOT', 'EFBIG')) return 'InsufficientStorageSpace';
  return error instanceof LinkRefused ? 'AccessDenied' : 'InternalError';
}
