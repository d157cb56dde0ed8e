import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { inject, provideBrowserGlobalErrorListeners, type ApplicationConfig } from '@angular/core';
import { injectPresign, provideObsConnection } from 'rx-obs-upload/angular';
import { authenticate } from './authenticate.js';
import { SETTINGS, type Settings } from './settings.js';

/** Zoneless, as Angular is from version 21 on. */
export function appConfig(settings: Settings): ApplicationConfig {
  return {
    providers: [
      provideBrowserGlobalErrorListeners(),
      { provide: SETTINGS, useValue: settings },
      provideHttpClient(withInterceptors([authenticate])),
      provideObsConnection(() => ({ server: inject(SETTINGS).server, presign: injectPresign('/sign') })),
    ],
  };
}
