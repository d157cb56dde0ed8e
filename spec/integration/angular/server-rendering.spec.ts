import '@angular/compiler';
import '@angular/platform-server/init';
import { Component, enableProdMode, type ApplicationRef } from '@angular/core';
import { bootstrapApplication, type BootstrapContext } from '@angular/platform-browser';
import { provideServerRendering, renderApplication } from '@angular/platform-server';
import { indexedDbCheckpointStore } from 'rx-obs-upload';
import { injectObsConnection, injectUploads, provideObsConnection } from 'rx-obs-upload/angular';

/** Without `window`: crypto-js asks whether there is one, and does without. */
const BROWSER = ['document', 'XMLHttpRequest', 'localStorage', 'indexedDB', 'navigator', 'Worker', 'fetch'];

/** Which of the browser's names it looks at. */
function touchedBy(act: () => void): readonly string[] {
  const touched: string[] = [];
  const before = BROWSER.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  for (const name of BROWSER) {
    Object.defineProperty(globalThis, name, { configurable: true, get: () => void touched.push(name) });
  }
  try {
    act();
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    }
  }
  return touched;
}

// Else it says on the console that it is in development mode.
enableProdMode();

describe('On a server that renders', () => {
  it('importing it touches nothing of a browser', () => {
    jest.isolateModules(() => {
      for (const angular of ['compiler', 'core', 'core/rxjs-interop', 'common/http']) {
        jest.requireActual(`@angular/${angular}`);
      }
      expect(touchedBy(() => void jest.requireActual('rx-obs-upload/angular'))).toEqual([]);
    });
  });

  it('a component with uploads is rendered', async () => {
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
