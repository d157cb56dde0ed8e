// The page is compiled in the browser; yours by the Angular CLI.
import '@angular/compiler';
import { bootstrapApplication } from '@angular/platform-browser';
import { provideObsConnection } from 'rx-obs-upload/angular';
import { OPTIONS } from '../frameworks/connection.js';
import { FilmForm } from './film-form.js';
import { FilmUpload } from './film-upload.js';

const options = { providers: [provideObsConnection(OPTIONS)] };
const names = ['app-film-upload', 'app-film-form'];
document.getElementById('app')?.append(...names.map((name) => document.createElement(name)));
void bootstrapApplication(FilmUpload, options);
void bootstrapApplication(FilmForm, options);
