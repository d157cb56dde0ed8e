import type { Answer } from '../../fake-obs/response/answer.js';
import { endingOf } from '../../fake-obs/faults/course.js';
import type { Act } from '../../fake-obs/faults/fault.js';
import type { ArrivedRequest } from '../../fake-obs/service.js';
import type { Connection } from './connection.js';
import type { ServerCore } from '../core.js';
import { hasCode } from '../storage/has-code.js';
import { drain } from './receive-body.js';
import { drip } from './drip.js';
import { LinkRefused } from '../storage/links.js';
import { sendAnswer } from './send-answer.js';

/**
 * Ends a request that has taken effect, or would have.
 * @param answer - null: a fault puts one in its place, or none comes
 * @param head - what the response has begun with, else null
 */
export async function finish(
  core: ServerCore,
  connection: Connection,
  arrived: ArrivedRequest,
  answer: Answer | null,
  head: Answer | null,
): Promise<void> {
  const { plan, open } = arrived;
  await perform(core, arrived, plan.after);
  const ending = endingOf(plan);
  // A client that is cut off may send the request again by itself.
  if (ending === 'break' || ending === 'resend') return breakOff(connection, arrived);
  if (ending === 'silence') return connection.forever();
  if (plan.dripMs === 0) await connection.wait(plan.delayMs);
  const spoiled = arrived.spoil(answer, head);
  // Counted as finished before it is sent: the client may send the next request at once.
  if (ending === 'whole') open.answered(spoiled.status);
  if (ending === 'break-within') open.lost();
  return sendAnswer(connection, spoiled, ending, core.storage.openFile);
}

/** Begins the response and keeps it alive for as long as the plan says. @returns what it has begun with, else null */
export async function dripFirst(connection: Connection, arrived: ArrivedRequest): Promise<Answer | null> {
  const { delayMs, dripMs } = arrived.plan;
  if (dripMs === 0) return null;
  const head = arrived.drippingHead();
  await connection.wait(delayMs);
  const dripping = head === null ? null : drip(connection, head, 0);
  try {
    await connection.wait(dripMs);
  } finally {
    dripping?.stop();
  }
  return head;
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

/** Internal errors are reported as the service would. */
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
