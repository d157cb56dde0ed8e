import { provideHttpClient, withInterceptors, type HttpInterceptorFn } from '@angular/common/http';
import { provideBrowserGlobalErrorListeners } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { injectPresign, provideObsConnection } from 'rx-obs-upload/angular';
import { App } from './app/app.js';
import { SETTINGS, type Settings } from './app/settings.js';

async function start(): Promise<void> {
  const response = await fetch('settings.json');
  const settings = (await response.json()) as Settings;
  // Identifies the user to the signing server. Requests to the store do not pass here: their signature would break.
  const authenticate: HttpInterceptorFn = (request, next) =>
    next(request.clone({ setHeaders: { Authorization: `Bearer ${settings.session}` } }));
  await bootstrapApplication(App, {
    providers: [
      provideBrowserGlobalErrorListeners(),
      { provide: SETTINGS, useValue: settings },
      provideHttpClient(withInterceptors([authenticate])),
      provideObsConnection(() => ({ server: settings.server, presign: injectPresign('/sign') })),
    ],
  });
}

start().catch((error: unknown) => console.error(error));
