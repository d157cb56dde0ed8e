import { isUploadError, NetworkError, type Transport, type UploadError } from 'rx-obs-upload';
import { catchError, forkJoin, last, of, throwError, type Observable } from 'rxjs';
import { uploadWorld } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';

it('two uploads that fail with the same frozen error each get a copy with their own checkpoint', () => {
  const shared = new NetworkError('network', 'The line is cut.');
  Object.freeze(shared);
  const { fake } = uploadWorld();
  const transport: Transport = {
    reportsProgress: true,
    send: (request) => (request.url.includes('partNumber=3') ? throwError(() => shared) : fake.transport.send(request)),
  };
  const world = uploadWorld({}, { transport, credentials: fake.credentials });
  const errorOf$ = (key: string): Observable<unknown> =>
    world.upload({ key, taskNum: 1 }).pipe(
      last(),
      catchError((error: unknown) => of(error)),
    );
  const { values } = runVirtually(() => record(forkJoin([errorOf$('a'), errorOf$('b')])));
  const errors: UploadError[] = (values[0] ?? []).flatMap((error) => (isUploadError(error) ? [error] : []));
  const places = errors.map(({ operation, partNumber, checkpoint }) => [
    operation,
    partNumber,
    checkpoint?.key,
    checkpoint?.parts.length,
  ]);
  expect(places).toEqual([
    ['uploadPart', 3, 'a', 2],
    ['uploadPart', 3, 'b', 2],
  ]);
  for (const error of errors) expect(error).toBeInstanceOf(NetworkError);
  expect(shared).toMatchObject({ operation: null, partNumber: null, checkpoint: null });
});
