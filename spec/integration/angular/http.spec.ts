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

type Answer = (request: HttpRequest<unknown>) => Observable<HttpEvent<unknown>>;

/** An application whose interceptor adds a session to what goes by HttpClient, and writes down what that is. */
function applicationWith(fake: FakeObs, options: () => Partial<ObsConnectionOptions>, answer: Answer): string[] {
  const seen: string[] = [];
  application(
    provideHttpClient(
      withNoXsrfProtection(),
      withInterceptors([
        (request, next) => {
          seen.push(`${request.method} ${request.url}`);
          return next(request.clone({ setHeaders: { Authorization: 'Bearer session' } }));
        },
      ]),
    ),
    { provide: HttpBackend, useValue: { handle: answer } },
    provideObsConnection(() => {
      const { server, transport } = fake;
      return { server, transport, ...options() };
    }),
  );
  return seen;
}

/** To its end. */
function upload(fake: FakeObs): Recording<UploadEvent> {
  return runVirtually(() => {
    const sourceFile = fakeSource({ size: 3 * PART });
    const obs = injected(injectObsConnection);
    return record(uploadFile$(obs, { bucket: fake.bucket, key: 'a.mp4', sourceFile, partSize: PART }));
  });
}

const session = ({ headers }: HttpRequest<unknown>): string | null => headers.get('authorization');

describe('By HttpClient', () => {
  it('a backend signs: interceptors see what it is asked, and nothing that goes to the store', () => {
    const fake = createFakeObs();
    const backend = presigningBackend(() => fake);
    const asked: HttpRequest<unknown>[] = [];
    const seen = applicationWith(
      fake,
      () => ({ presign: injectPresign('/api/sign') }),
      (request) => {
        asked.push(request);
        return of(new HttpResponse({ body: (request.body as readonly UnsignedRequest[]).map(backend.sign) }));
      },
    );
    expect(upload(fake).values.at(-1)).toMatchObject({ type: 'completed' });
    expect(asked.map(session)).toEqual(asked.map(() => 'Bearer session'));
    expect(new Set(seen)).toEqual(new Set(['POST /api/sign']));
    expect(seen.length).toBeLessThan(fake.log.length);
    expect(fake.log.filter(({ headers }) => 'authorization' in headers)).toEqual([]);
  });

  it('a backend that refuses to sign is not asked again', () => {
    const fake = createFakeObs();
    const seen = applicationWith(
      fake,
      () => ({ presign: injectPresign('/api/sign') }),
      ({ url }) => throwError(() => new HttpErrorResponse({ status: 403, url })),
    );
    expect(upload(fake).error).toMatchObject({ code: 'presign', retryable: false });
    expect(seen).toHaveLength(1);
    expect(fake.log).toEqual([]);
  });

  it('keys are got, once, and go into no page that a server renders', () => {
    const fake = createFakeObs();
    const asked: HttpRequest<unknown>[] = [];
    applicationWith(
      fake,
      () => ({ credentials: injectCredentials('/api/sts') }),
      (request) => {
        asked.push(request);
        return of(new HttpResponse({ body: fake.credentials }));
      },
    );
    expect(upload(fake).values.at(-1)).toMatchObject({ type: 'completed' });
    expect(asked).toMatchObject([{ method: 'GET', url: '/api/sts', transferCache: false }]);
  });
});
