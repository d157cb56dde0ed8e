import '@angular/compiler';
import {
  HttpBackend,
  HttpErrorResponse,
  HttpResponse,
  provideHttpClient,
  withInterceptors,
  withNoXsrfProtection,
  type HttpEvent,
  type HttpRequest,
} from '@angular/common/http';
import { uploadFile$, type ObsConnectionOptions, type UnsignedRequest, type UploadEvent } from 'rx-obs-upload';
import { injectCredentials, injectObsConnection, injectPresign, provideObsConnection } from 'rx-obs-upload/angular';
import { createFakeObs, fakeSource, type FakeObs } from 'rx-obs-upload/testing';
import { of, throwError, type Observable } from 'rxjs';
import { presigningBackend } from '../../support/presigning-backend.js';
import { PART } from '../../support/upload-world.js';
import { record, runVirtually, type Recording } from '../../support/virtual-time.js';
import { application, injected } from './support.js';

type Respond = (request: HttpRequest<unknown>) => Observable<HttpEvent<unknown>>;

/** An application with an interceptor that adds a session to requests of HttpClient; returns the intercepted ones. */
function createApplication(fake: FakeObs, options: () => Partial<ObsConnectionOptions>, respond: Respond): string[] {
  const intercepted: string[] = [];
  application(
    provideHttpClient(
      withNoXsrfProtection(),
      withInterceptors([
        (request, next) => {
          intercepted.push(`${request.method} ${request.url}`);
          return next(request.clone({ setHeaders: { Authorization: 'Bearer session' } }));
        },
      ]),
    ),
    { provide: HttpBackend, useValue: { handle: respond } },
    provideObsConnection(() => {
      const { server, transport } = fake;
      return { server, transport, ...options() };
    }),
  );
  return intercepted;
}

/** Runs an upload to its end. */
function upload(fake: FakeObs): Recording<UploadEvent> {
  return runVirtually(() => {
    const sourceFile = fakeSource({ size: 3 * PART });
    const obs = injected(injectObsConnection);
    return record(uploadFile$(obs, { bucket: fake.bucket, key: 'a.mp4', sourceFile, partSize: PART }));
  });
}

const session = ({ headers }: HttpRequest<unknown>): string | null => headers.get('authorization');

describe('HttpClient', () => {
  it('sends presign requests through interceptors, but no requests to the store', () => {
    const fake = createFakeObs();
    const backend = presigningBackend(() => fake);
    const requests: HttpRequest<unknown>[] = [];
    const intercepted = createApplication(
      fake,
      () => ({ presign: injectPresign('/api/sign') }),
      (request) => {
        requests.push(request);
        return of(new HttpResponse({ body: (request.body as readonly UnsignedRequest[]).map(backend.sign) }));
      },
    );
    expect(upload(fake).values.at(-1)).toMatchObject({ type: 'completed' });
    expect(requests.map(session)).toEqual(requests.map(() => 'Bearer session'));
    expect(new Set(intercepted)).toEqual(new Set(['POST /api/sign']));
    expect(intercepted.length).toBeLessThan(fake.log.length);
    expect(fake.log.filter(({ headers }) => 'authorization' in headers)).toEqual([]);
  });

  it('does not retry a presign request that is denied', () => {
    const fake = createFakeObs();
    const intercepted = createApplication(
      fake,
      () => ({ presign: injectPresign('/api/sign') }),
      ({ url }) => throwError(() => new HttpErrorResponse({ status: 403, url })),
    );
    expect(upload(fake).error).toMatchObject({ code: 'presign', retryable: false });
    expect(intercepted).toHaveLength(1);
    expect(fake.log).toEqual([]);
  });

  it('requests credentials once, and excludes them from the transfer cache', () => {
    const fake = createFakeObs();
    const requests: HttpRequest<unknown>[] = [];
    createApplication(
      fake,
      () => ({ credentials: injectCredentials('/api/sts') }),
      (request) => {
        requests.push(request);
        return of(new HttpResponse({ body: fake.credentials }));
      },
    );
    expect(upload(fake).values.at(-1)).toMatchObject({ type: 'completed' });
    expect(requests).toMatchObject([{ method: 'GET', url: '/api/sts', transferCache: false }]);
  });
});
