import { ChangeDetectionStrategy, Component, signal } from '@angular/core';
import { rxResource } from '@angular/core/rxjs-interop';
import { toUploadSnapshot, uploadFile$ } from 'rx-obs-upload';
import { injectObsConnection } from 'rx-obs-upload/angular';

/** Uploads the file that is chosen, as a resource whose value is the snapshot of the upload. */
@Component({
  selector: 'app-film-upload',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <label>Film <input #input type="file" data-testid="film" (change)="file.set(input.files?.[0])" /></label>
    @if (upload.value(); as snapshot) {
      <progress [value]="snapshot.fraction ?? 0" aria-label="Film"></progress>
      <span data-testid="film-status">{{ snapshot.error?.message ?? snapshot.status }}</span>
      <button type="button" (click)="file.set(undefined)">Cancel</button>
    }
  `,
})
export class FilmUpload {
  readonly #obs = injectObsConnection();
  protected readonly file = signal<File | undefined>(undefined);

  /** Another file, or none, cancels the upload; so does the end of the component. */
  protected readonly upload = rxResource({
    params: () => this.file(),
    stream: ({ params: file }) =>
      uploadFile$(this.#obs, { bucket: 'uploads', key: file.name, sourceFile: file }).pipe(toUploadSnapshot()),
  });
}
