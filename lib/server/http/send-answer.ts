import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { ServerResponse } from 'node:http';
import type { Answer } from '../../fake-obs/response/answer.js';
import type { Ending } from '../../fake-obs/faults/course.js';
import { splitProlog } from '../../fake-obs/response/xml.js';
import { ConnectionLost, type Connection } from './connection.js';

/** What of a response is sent: all of it, half and then silence or a break, or ever more. */
type SentEnding = Extract<Ending, 'whole' | 'silence-within' | 'break-within' | 'endless'>;

/**
 * Sends a response and waits until it has left.
 * @throws {@link ConnectionLost} where it could not be sent to its end
 */
export async function sendAnswer(
  connection: Connection,
  answer: Answer,
  ending: SentEnding,
  openFile: (bytesId: string) => Promise<FileHandle>,
): Promise<void> {
  const { response, request } = connection;
  if (ending !== 'whole') return sendInPart(connection, answer, ending);
  if (response.headersSent) {
    response.end(splitProlog(answer.text)[1]);
  } else if (request.method === 'HEAD' || answer.status === 204 || answer.status === 304) {
    // Without a length some clients wait for the end of the connection. An object's may be hidden by a fault.
    if (answer.status !== 204 && !('last-modified' in answer.headers)) response.setHeader('content-length', 0);
    writeHead(connection, answer);
    response.end();
  } else if (answer.bytes !== null && answer.bytes.end > answer.bytes.start) {
    return sendFile(connection, answer, await openFile(answer.bytes.object.bytesId), answer.bytes);
  } else {
    const body = Buffer.from(answer.text);
    response.setHeader('content-length', body.length);
    writeHead(connection, answer);
    response.end(body);
  }
  return hasLeft(connection);
}

async function sendInPart(connection: Connection, answer: Answer, ending: Exclude<SentEnding, 'whole'>): Promise<void> {
  const body = Buffer.from(answer.text);
  if (ending !== 'endless' && !connection.response.headersSent) {
    connection.response.setHeader('content-length', Math.max(2, body.length));
  }
  writeHead(connection, answer);
  connection.response.write(body.length === 0 ? ' ' : body.subarray(0, Math.ceil(body.length / 2)));
  if (ending === 'endless') await pour(connection);
  // What was written is on its way by then; a reset at once would overtake it.
  if (ending === 'break-within') setImmediate(() => connection.response.destroy());
  return connection.forever();
}

function writeHead({ response }: Connection, answer: Answer): void {
  if (response.headersSent) return;
  const { status } = answer;
  const headers = { ...answer.headers, ...dispositionOf(answer) };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.writeHead(status);
}

async function sendFile(
  connection: Connection,
  answer: Answer,
  handle: FileHandle,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<void> {
  const file = handle.createReadStream({ start, end: end - 1 });
  writeHead(connection, answer);
  await pipeline(file, connection.response).catch(() => {
    throw new ConnectionLost('The client went away.');
  });
}

async function hasLeft(connection: Connection): Promise<void> {
  if (!connection.response.writableFinished)
    await Promise.race([once(connection.response, 'finish'), connection.forever()]);
}

async function pour(connection: Connection): Promise<never> {
  const filler = ' '.repeat(64 * 1024);
  while (connection.isOpen) {
    if (!connection.response.write(filler)) {
      await Promise.race([once(connection.response, 'drain'), connection.forever()]);
    }
  }
  return connection.forever();
}

/** Types that a browser shows without running anything in them. */
const shown = /^(?:image\/(?!svg)[\w.-]+|audio\/[\w.-]+|video\/[\w.-]+|text\/plain)(?:;|$)/i;

/**
 * An object may be opened at the origin of a page that holds credentials, such as that of `npm start`: what runs in it
 * gets an origin of its own, and the object is never sniffed as another type.
 */
export function isolate(response: ServerResponse): void {
  response.setHeader('content-security-policy', 'sandbox');
  response.setHeader('x-content-type-options', 'nosniff');
}

/** What is neither picture, sound, film nor plain text is downloaded, as OBS does at its own host names. */
function dispositionOf({ bytes, headers }: Answer): Readonly<Record<string, string>> {
  const disposition = headers['content-disposition'] ?? '';
  if (bytes === null || shown.test(headers['content-type'] ?? '') || /^attachment(?:;|$)/i.test(disposition)) return {};
  return { 'content-disposition': 'attachment' };
}
