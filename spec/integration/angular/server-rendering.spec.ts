import '@angular/compiler';
import '@angular/platform-server/init';
import { Component, enableProdMode, type ApplicationRef } from '@angular/core';
import { bootstrapApplication, type BootstrapContext } from '@angular/platform-browser';
import { provideServerRendering, renderApplication } from '@angular/platform-server';
import { indexedDbCheckpointStore } from 'rx-obs-upload';
import { injectObsConnection, injectUploads, provideObsConnection } from 'rx-obs-upload/angular';

/** Without `window`: crypto-js checks for it, but does not need it. */
const BROWSER = ['document', 'XMLHttpRequest', 'localStorage', 'indexedDB', 'navigator', 'Worker', 'fetch'];

/** The browser globals that an action accesses. */
function globalsAccessedBy(action: () => void): readonly string[] {
  const accessed: string[] = [];
  const descriptors = BROWSER.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  for (const name of BROWSER) {
    Object.defineProperty(globalThis, name, { configurable: true, get: () => void accessed.push(name) });
  }
  try {
    action();
  } finally {
    for (const [name, descriptor] of descriptors) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    }
  }
  return accessed;
}

// Otherwise Angular logs that it runs in development mode.
enableProdMode();

describe('server-side rendering', () => {
  it('accesses no browser globals on import', () => {
    jest.isolateModules(() => {
      for (const angular of ['compiler', 'core', 'core/rxjs-interop', 'common/http']) {
        jest.requireActual(`@angular/${angular}`);
      }
      expect(globalsAccessedBy(() => void jest.requireActual('rx-obs-upload/angular'))).toEqual([]);
    });
  });

  it('renders a component with uploads', async () => {
    const App = Component({
      selector: 'app-root',
      template: '{{ uploads.rows().length }} uploads, {{ uploads.notices().length }} notices to {{ obs.server }}',
    })(
      class {
        readonly obs = injectObsConnection();
        readonly uploads = injectUploads({ checkpointStore: indexedDbCheckpointStore() });
      },
    );
    const bootstrap = (context: BootstrapContext): Promise<ApplicationRef> =>
      bootstrapApplication(
        App,
        {
          providers: [
            provideServerRendering(),
            provideObsConnection({ server: 'https://obs.test', presign: () => [] }),
          ],
        },
        context,
      );
    const html = await renderApplication(bootstrap, {
      document: '<app-root></app-root>',
      url: 'https://films.test/',
      allowedHosts: ['films.test'],
    });
    expect(html).toContain('0 uploads, 0 notices to https://obs.test');
  });
});
