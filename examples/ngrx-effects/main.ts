// The page is compiled in the browser; yours by the Angular CLI.
import '@angular/compiler';
import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { provideStore, Store } from '@ngrx/store';
import { provideEffects } from '@ngrx/effects';
import { indexedDbCheckpointStore } from 'rx-obs-upload';
import { provideObsConnection } from 'rx-obs-upload/angular';
import { OPTIONS } from '../frameworks/connection.js';
import { provideUploads, UPLOAD_FILES } from './upload.effects.js';
import { uploadActions, uploadsFeature } from './upload.feature.js';

@Component({
  selector: '#app',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <label
      >Files <input #input type="file" multiple data-testid="file-input" (change)="add(input.files); input.value = ''"
    /></label>
    @for (upload of pending(); track upload.id) {
      <p data-testid="pending">Choose {{ upload.checkpoint.file.name }} again to resume it.</p>
    }
    <ul>
      @for (row of rows(); track row.id) {
        <li data-testid="file" [attr.data-status]="row.status">
          <strong>{{ row.name }}</strong>
          <progress [value]="row.snapshot.fraction ?? 0" [attr.aria-label]="row.name"></progress>
          <span>{{ row.snapshot.error?.message ?? row.status }}</span>
          @for (type of ['pause', 'resume', 'retry', 'remove']; track type) {
            @if (row.can[type]) {
              <button (click)="send(type, row.id)">{{ labels[type] }}</button>
            }
          }
        </li>
      }
    </ul>
  `,
})
class UploadList {
  readonly #store = inject(Store);
  readonly #files = inject(UPLOAD_FILES);
  protected readonly rows = this.#store.selectSignal(uploadsFeature.selectRows);
  protected readonly pending = this.#store.selectSignal(uploadsFeature.selectPending);
  protected readonly labels = { pause: 'Pause', resume: 'Resume', retry: 'Retry', remove: 'Remove' } as const;

  protected add(files: FileList | null): void {
    const tasks = Array.from(files ?? [], (file) => {
      const id = crypto.randomUUID();
      this.#files.set(id, file);
      return { id, bucket: 'uploads', key: file.name };
    });
    this.#store.dispatch(uploadActions.add({ tasks }));
  }

  protected send(type: keyof typeof this.labels, id: string): void {
    this.#store.dispatch(uploadActions.command({ command: { type, ids: [id] } }));
  }
}

const runtimeChecks = { strictStateSerializability: true, strictActionSerializability: true };
void bootstrapApplication(UploadList, {
  providers: [
    provideObsConnection(OPTIONS),
    provideStore({}, { runtimeChecks }),
    provideEffects(),
    provideUploads({ checkpointStore: indexedDbCheckpointStore(), defaults: { progressIntervalMs: 250 } }),
  ],
});
