import { bootstrapApplication } from '@angular/platform-browser';
import { App } from './app/app.js';
import { appConfig } from './app/app.config.js';
import { type Settings } from './app/settings.js';

fetch('settings.json')
  .then((response) => response.json() as Promise<Settings>)
  .then((settings) => bootstrapApplication(App, appConfig(settings)))
  .catch((error: unknown) => console.error(error));
