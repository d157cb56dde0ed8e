import type { HashReply, HashRequest } from '../../../lib/worker/digest-by.js';
import { serveMd5, type HashScope } from '../../../lib/worker/serve-md5.js';
import { createDigest } from '../../../lib/ports/hash/hasher.js';
import { toHex, utf8 } from '../../../lib/bytes.js';

/** Sends one request after the other, as `workerHasher` does. */
async function repliesTo(...requests: readonly HashRequest[]): Promise<readonly HashReply[]> {
  let reply: (reply: HashReply) => void = () => undefined;
  const next = (): Promise<HashReply> => new Promise((resolve) => (reply = resolve));
  const scope: HashScope = { onmessage: null, postMessage: (message) => reply(message) };
  const ready = next();
  serveMd5(scope);
  const replies = [await ready];
  for (const data of requests) {
    const nextReply = next();
    scope.onmessage?.({ data });
    replies.push(await nextReply);
  }
  return replies;
}

const algorithms = ['md5', 'crc64ecma', 'crc64nvme', 'crc32c', 'sha256'] as const;

describe('serveMd5', () => {
  it.each(algorithms)('computes the same %s of Blobs and of pieces as this thread', async (algorithm) => {
    const bytes = utf8('123456789');
    const replies = await repliesTo(
      { type: 'blob', algorithm, blob: new Blob(['123456789']) },
      { type: 'piece', algorithm, bytes: bytes.slice(0, 4) },
      { type: 'piece', algorithm, bytes: bytes.slice(4) },
      { type: 'end', algorithm },
    );
    expect(replies.map(({ type }) => type)).toEqual(['ready', 'digest', 'taken', 'taken', 'digest']);
    const expected = toHex(createDigest(algorithm).update(bytes).digest());
    const digests = replies.flatMap((reply) => (reply.type === 'digest' ? [toHex(reply.digest)] : []));
    expect(digests).toEqual([expected, expected]);
  });

  it('computes MD5 by default', async () => {
    const [, digest] = await repliesTo({ type: 'end' });
    expect(digest).toMatchObject({ type: 'digest' });
  });
});
