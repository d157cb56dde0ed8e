import '@angular/compiler';
import type { EnvironmentProviders, Provider } from '@angular/core';
import { TestBed, TestComponentRenderer } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';
import { provideObsConnection } from 'rx-obs-upload/angular';
import type { FakeObs } from 'rx-obs-upload/testing';

TestBed.initTestEnvironment(BrowserTestingModule, platformBrowserTesting());

/** Creates an application without a page, which functions and tokens do not need. */
export function application(...providers: readonly (Provider | EnvironmentProviders)[]): void {
  TestBed.configureTestingModule({ providers: [TestComponentRenderer, ...providers] });
}

export function provideConnectionTo({ server, credentials, transport }: FakeObs): EnvironmentProviders {
  return provideObsConnection({ server, credentials, transport });
}

/** Runs a function in an injection context, so that it can call `inject`. */
export function injected<T>(make: () => T): T {
  return TestBed.runInInjectionContext(make);
}
