import '@angular/compiler';
import {
  createEnvironmentInjector,
  provideExperimentalZonelessChangeDetection,
  runInInjectionContext,
  type EnvironmentInjector,
} from '@angular/core';
import { injectObsConnection, injectUploads, provideObsConnection } from 'rx-obs-upload/angular';

const injector = createEnvironmentInjector(
  [
    provideExperimentalZonelessChangeDetection(),
    provideObsConnection({
      server: 'https://obs.example.com',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    }),
  ],
  null as unknown as EnvironmentInjector,
);
runInInjectionContext(injector, () => {
  const uploads = injectUploads();
  if (typeof injectObsConnection() !== 'object' || uploads.rows().length !== 0) throw new Error('no uploads');
});
injector.destroy();
