import { rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import { monotonicNow } from '../../time.js';
import type { Answer } from '../../fake-obs/response/answer.js';
import { announcedSize } from '../../fake-obs/request/aws-chunked.js';
import type { ReceivedBody } from '../../fake-obs/context.js';
import { cutOf, type Cut } from '../../fake-obs/faults/course.js';
import { slicesOf, type SharedLine } from '../../fake-obs/faults/shared-line.js';
import type { Begun } from '../../fake-obs/machine.js';
import { noDigests } from '../../fake-obs/rules/receive.js';
import type { ArrivedRequest } from '../../fake-obs/service.js';
import { slower } from '../../fake-obs/rules/traffic-limit.js';
import { ConnectionLost, connectionOf, type Connection } from './connection.js';
import type { ServerCore } from '../core.js';
import { newName } from '../storage/disk.js';
import { drainedBytes, receiveBody } from './receive-body.js';
import { drip } from './drip.js';
import { breakOff, dripFirst, fail, finish, perform } from './finish.js';
import { lockName } from '../storage/locks.js';
import type { RequestHead } from '../../fake-obs/request/request.js';

/**
 * One request over HTTP, from its head to the end of its response.
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
  const arrived = core.service.arrive(head, announcedSize(head));
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
  const cut = cutOf(plan, arrived.open.entry.size);
  if (cut?.atOnce === true) return cutOff(connection, arrived, cut);
  await perform(core, arrived, plan.before);
  const begun = core.service.machine.begin(request);
  if (begun.type === 'answered' && arrived.canned === null) {
    if (waits || arrived.open.entry.size > drainedBytes) connection.response.setHeader('connection', 'close');
    return finish(core, connection, arrived, begun.answer, null);
  }
  if (waits) connection.response.writeContinue();
  const path = core.storage.temporaryPath();
  const ownLimit = begun.type === 'accepted' ? begun.bytesPerSecond : null;
  try {
    const body = await receiveBody(connection, {
      kind: begun.type === 'accepted' ? begun.body : 'none',
      digests: begun.type === 'accepted' ? begun.digests : noDigests,
      isChunked: begun.type === 'accepted' && begun.isChunked,
      path,
      bytesPerSecond: plan.line === null ? slower(plan.bytesPerSecond, ownLimit) : null,
      cutAfterBytes: cut?.afterBytes ?? null,
      atCut: () => cutOff(connection, arrived, cut),
    });
    if (plan.line !== null) await forward(connection, plan.line, body.size);
    const head = await dripFirst(connection, arrived);
    const received = { ...body, bytesId: newName() };
    const answer = arrived.takesEffect ? await carryOut(core, connection, arrived, begun, received, path) : null;
    await finish(core, connection, arrived, answer, head);
  } finally {
    await rm(path, { force: true });
  }
}

/** Evaluates the complete request and stores its effects, one request per key at a time. */
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
      isLong && arrived.plan.outcome === null ? drip(connection, arrived.spoil(answer, null), core.dripAfterMs) : null;
    try {
      for (const effect of effects) await core.storage.carryOut(effect, path);
    } finally {
      dripping?.stop();
    }
    return answer;
  });
}

function cutOff(connection: Connection, arrived: ArrivedRequest, cut: Cut | null): Promise<never> {
  if (cut?.then === 'break') return breakOff(connection, arrived);
  return connection.forever(cut !== null && (cut.atOnce || cut.afterBytes < arrived.open.entry.size));
}

async function forward(connection: Connection, line: SharedLine, size: number): Promise<void> {
  for (const slice of slicesOf(size)) await connection.wait(line.send(slice, monotonicNow()));
}

/** A request's head as the state machine takes it. */
export function headOf(request: IncomingMessage): RequestHead {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return {
    method: request.method ?? 'GET',
    scheme: request.socket instanceof TLSSocket ? 'https' : 'http',
    host: request.headers.host ?? '',
    // Proxies send the absolute form.
    target: (request.url ?? '/').replace(/^https?:\/\/[^/?]*/i, ''),
    headers,
  };
}
