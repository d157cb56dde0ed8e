import { rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from '../fake-obs/answer.js';
import type { ReceivedBody } from '../fake-obs/context.js';
import type { Begun } from '../fake-obs/machine.js';
import type { ArrivedRequest } from '../fake-obs/service.js';
import { connectionOf, ConnectionLost, type Connection } from './connection.js';
import type { ServerCore } from './core.js';
import { newName } from './disk.js';
import { drainedBytes } from './drain.js';
import { drip } from './drip.js';
import { breakOff, fail, finish, perform } from './finish.js';
import { headOf } from './head.js';
import { lockName } from './locks.js';
import { receiveBody } from './receive-body.js';

/**
 * One request over HTTP, from its head to the end of its answer.
 * @param waits - whether the client waits for `100 Continue` before it sends its body
 */
export async function handle(
  core: ServerCore,
  request: IncomingMessage,
  response: ServerResponse,
  waits: boolean,
): Promise<void> {
  const connection = connectionOf(request, response);
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  const head = headOf(request);
  const size = Number(head.headers['content-length'] ?? 0);
  const arrived = core.service.arrive(head, Number.isSafeInteger(size) ? size : 0);
  try {
    await exchange(core, connection, arrived, waits);
  } catch (error) {
    if (error instanceof ConnectionLost || !connection.isOpen) return arrived.open.aborted();
    await fail(core, connection, arrived, error).catch(() => connection.cut());
  }
}

async function exchange(
  core: ServerCore,
  connection: Connection,
  arrived: ArrivedRequest,
  waits: boolean,
): Promise<void> {
  const { plan, request } = arrived;
  const { outcome } = plan;
  if (outcome?.type === 'reset' && outcome.afterBytes === 0) return breakOff(connection, arrived);
  if (outcome?.type === 'stall' && outcome.at === 'before-body') return connection.forever(true);
  await perform(core, arrived, plan.before);
  const begun = core.service.machine.begin(request);
  if (begun.type === 'answered' && arrived.canned === null) {
    if (waits || arrived.open.entry.size > drainedBytes) connection.response.setHeader('connection', 'close');
    return finish(core, connection, arrived, begun.answer);
  }
  if (waits) connection.response.writeContinue();
  const path = core.storage.temporaryPath();
  try {
    const body = await receiveBody(connection, {
      kind: begun.type === 'accepted' ? begun.body : 'none',
      digests: begun.type === 'accepted' ? begun.digests : { md5: false, sha256: false },
      path,
      bytesPerSecond: plan.bytesPerSecond,
      cutAfterBytes: cutOf(arrived),
      atCut: () => (outcome?.type === 'reset' ? breakOff(connection, arrived) : connection.forever(true)),
    });
    const received = { ...body, bytesId: newName() };
    const answer = arrived.takesEffect ? await carryOut(core, connection, arrived, begun, received, path) : null;
    await finish(core, connection, arrived, answer);
  } finally {
    await rm(path, { force: true });
  }
}

/** Judges the whole request and makes its effects durable, with nobody else at the same key meanwhile. */
async function carryOut(
  core: ServerCore,
  connection: Connection,
  arrived: ArrivedRequest,
  begun: Begun,
  body: ReceivedBody,
  path: string,
): Promise<Answer> {
  if (begun.type === 'answered') return begun.answer;
  return core.locks.run(lockName(arrived.request.bucket, arrived.request.key), async () => {
    const { answer, effects } = begun.finish(body);
    const isLong = effects.some((effect) => effect.type === 'complete-upload');
    const dripping =
      isLong && arrived.plan.outcome === null ? drip(connection, arrived.spoil(answer), core.dripAfterMs) : null;
    try {
      for (const effect of effects) await core.storage.carryOut(effect, path);
    } finally {
      dripping?.stop();
    }
    return answer;
  });
}

/** After how many bytes of its body the request is cut off; null: not at all. */
function cutOf({ plan: { outcome }, open }: ArrivedRequest): number | null {
  if (outcome?.type === 'reset') return outcome.afterBytes;
  if (outcome?.type !== 'stall' || outcome.at !== 'mid-body') return null;
  return outcome.afterBytes ?? Math.floor(open.entry.size / 2);
}
