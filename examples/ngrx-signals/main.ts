// The page is compiled in the browser; yours by the Angular CLI.
import '@angular/compiler';
import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { signalStore, withComputed } from '@ngrx/signals';
import { indexedDbCheckpointStore } from 'rx-obs-upload';
import { provideObsConnection } from 'rx-obs-upload/angular';
import { OPTIONS } from '../frameworks/connection.js';
import { withUploads } from './with-uploads.js';

const FilmsStore = signalStore(
  { providedIn: 'root' },
  withUploads({ checkpointStore: indexedDbCheckpointStore(), defaults: { bucket: 'uploads' } }),
  withComputed(({ uploadCounts, uploads }) => ({
    done: computed(() => `${uploadCounts().completed} of ${uploads().length} are uploaded`),
  })),
);

@Component({
  selector: '#app',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <label
      >Files <input #input type="file" multiple data-testid="file-input" (change)="add(input.files); input.value = ''"
    /></label>
    @for (upload of store.pendingUploads(); track upload.id) {
      <p data-testid="pending">Choose {{ upload.checkpoint.file.name }} again to resume it.</p>
    }
    <p>{{ store.done() }}</p>
    <ul>
      @for (row of store.uploads(); track row.id) {
        <li data-testid="file" [attr.data-status]="row.status">
          <strong>{{ row.name }}</strong>
          <progress [value]="row.snapshot.fraction ?? 0" [attr.aria-label]="row.name"></progress>
          <span>{{ row.snapshot.error?.message ?? row.status }}</span>
          @if (row.can.pause) {
            <button (click)="store.pauseUploads(row.id)">Pause</button>
          }
          @if (row.can.resume) {
            <button (click)="store.resumeUploads(row.id)">Resume</button>
          }
          @if (row.can.retry) {
            <button (click)="store.retryUploads(row.id)">Retry</button>
          }
          <button (click)="store.removeUploads(row.id)">Remove</button>
        </li>
      }
    </ul>
  `,
})
class UploadList {
  protected readonly store = inject(FilmsStore);

  protected add(files: FileList | null): void {
    this.store.addUploads(Array.from(files ?? [], (file) => ({ key: file.name, sourceFile: file })));
  }
}

void bootstrapApplication(UploadList, { providers: [provideObsConnection(OPTIONS)] });
