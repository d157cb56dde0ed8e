import {
  obsSigner,
  v2Signer,
  v4Signer,
  type Signer,
  type Transport,
  type TransportRequest,
  type UrlSigner,
} from 'rx-obs-upload';
import { uploadWorld } from '../support/upload-world.js';
import { presigningBackend } from '../support/presigning-backend.js';
import { withConnection } from '../support/scenario-world.js';
import { record, runVirtually } from '../support/virtual-time.js';

const signers: [string, Signer & UrlSigner][] = [
  ['obs', obsSigner()],
  ['v2', v2Signer()],
  ['v4', v4Signer({ region: 'eu-1' })],
];

/** Adds a marker that a service worker recognizes by its name, such as Angular's `ngsw-bypass`. */
function marked(transport: Transport, mark: (request: TransportRequest) => TransportRequest): Transport {
  const { reportsProgress } = transport;
  return { reportsProgress, send: (request) => transport.send(mark(request)) };
}

const byHeader = (request: TransportRequest): TransportRequest => ({
  ...request,
  headers: { ...request.headers, 'ngsw-bypass': '' },
});
const byQuery = (request: TransportRequest): TransportRequest => ({
  ...request,
  url: `${request.url}${request.url.includes('?') ? '&' : '?'}ngsw-bypass=`,
});

describe.each(signers)('a service worker marker beside a signature of %s', (name, signer) => {
  it.each(['signer', 'presign'] as const)('as a header breaks no signature (%s)', (by) => {
    const world = uploadWorld();
    const { presign } = presigningBackend(() => world.fake, { signer });
    const transport = marked(world.fake.transport, byHeader);
    const connected = withConnection(world, { transport, ...(by === 'signer' ? { signer } : { presign }) });
    const events = runVirtually(() => record(connected.upload()));
    expect(events.error).toBeUndefined();
    expect(events.values.at(-1)).toMatchObject({ type: 'completed' });
    expect(world.fake.log.every(({ headers }) => headers['ngsw-bypass'] === '')).toBe(true);
  });

  it('as a query parameter breaks a signature that covers the query', () => {
    const world = uploadWorld();
    const connected = withConnection(world, { transport: marked(world.fake.transport, byQuery), signer });
    const events = runVirtually(() => record(connected.upload()));
    expect(events.error === undefined).toBe(name !== 'v4');
  });
});
