import { ChangeDetectionStrategy, Component, DestroyRef, inject, signal } from '@angular/core';
import { form, FormField, required, submit } from '@angular/forms/signals';
import {
  idleSnapshot,
  indexedDbCheckpointStore,
  reduceUpload,
  toUploadErrorInfo,
  upload,
  type UploadNotification,
} from 'rx-obs-upload';
import { injectObsConnection } from 'rx-obs-upload/angular';

/** A form that uploads its file when it is submitted; after a failure, the next submission resumes. */
@Component({
  selector: 'app-film-form',
  imports: [FormField],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <form (submit)="save($event)">
      <label>Title <input [formField]="film.title" data-testid="title" /></label>
      <label>File <input #input type="file" data-testid="form-file" (change)="choose(input.files?.[0])" /></label>
      @for (error of film.file().errors(); track error.kind) {
        <p role="alert">{{ error.message }}</p>
      }
      <button [disabled]="film().submitting()">Save</button>
      <progress [value]="snapshot().fraction ?? 0" aria-label="Upload"></progress>
      <span data-testid="form-status">{{ snapshot().error?.message ?? snapshot().status }}</span>
    </form>
  `,
})
export class FilmForm {
  readonly #obs = injectObsConnection();
  readonly #end = new AbortController();
  readonly #model = signal<{ title: string; file: File | null }>({ title: '', file: null });
  readonly #store = indexedDbCheckpointStore();
  protected readonly snapshot = signal(idleSnapshot);
  protected readonly film = form(this.#model, (path) => {
    required(path.title, { message: 'Enter a title.' });
    required(path.file, { message: 'Choose a file.' });
  });

  constructor() {
    inject(DestroyRef).onDestroy(() => this.#end.abort());
  }

  protected choose(file: File | undefined): void {
    this.#model.update((model) => ({ ...model, file: file ?? null }));
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    await submit(this.film, async () => {
      const { title, file: sourceFile } = this.#model();
      if (sourceFile === null) return;
      const request = {
        bucket: 'uploads',
        key: `${title}/${sourceFile.name}`,
        sourceFile,
        checkpointStore: this.#store,
      };
      this.snapshot.set(idleSnapshot);
      try {
        await upload(this.#obs, request, { signal: this.#end.signal, onEvent: (event) => this.#show(event) });
      } catch (error) {
        // Not an error of the form: it would be invalid until its values change.
        this.#show({ type: 'failed', error: toUploadErrorInfo(error) });
      }
    });
  }

  #show(notification: UploadNotification): void {
    this.snapshot.update((snapshot) => reduceUpload(snapshot, notification));
  }
}
