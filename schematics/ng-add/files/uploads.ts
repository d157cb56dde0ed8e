import { ChangeDetectionStrategy, Component, DestroyRef, inject } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { droppedFiles$, indexedDbCheckpointStore } from 'rx-obs-upload';
import { injectUploads } from 'rx-obs-upload/angular';

/** What each key begins with, such as `users/ann/`: the prefix that your backend allows. */
const KEY_PREFIX = '';

/** Uploads files that are chosen or dropped, a few at a time; after a reload they are resumed when chosen again. */
@Component({
  selector: 'app-uploads',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="drop" (dragover)="$event.preventDefault()" (drop)="drop($event)">
      <label>Files <input #input type="file" multiple (change)="add(input.files ?? []); input.value = ''" /></label>
    </div>
    @for (notice of uploads.notices(); track notice.id) {
      <p role="alert">{{ notice.text }} <button type="button" (click)="uploads.dismiss(notice.id)">Dismiss</button></p>
    }
    @for (upload of uploads.pending(); track upload.id) {
      <p>
        Choose {{ upload.checkpoint.file.name }} again to resume it.
        <button type="button" (click)="uploads.discard(upload.id)">Discard</button>
      </p>
    }
    <ul>
      @for (row of uploads.rows(); track row.id) {
        <li>
          <strong>{{ row.name }}</strong>
          <progress [value]="row.snapshot.fraction ?? 0" [attr.aria-label]="row.name"></progress>
          <span>{{ row.snapshot.error?.message ?? row.status }}</span>
          @if (row.can.pause) {
            <button type="button" (click)="uploads.pause(row.id)">Pause</button>
          }
          @if (row.can.resume) {
            <button type="button" (click)="uploads.resume(row.id)">Resume</button>
          }
          @if (row.can.retry) {
            <button type="button" (click)="uploads.retry(row.id)">Retry</button>
          }
          <button type="button" (click)="uploads.remove(row.id)">Remove</button>
        </li>
      }
    </ul>
  `,
  styles: `
    .drop {
      border: 2px dashed currentcolor;
      border-radius: 0.5rem;
      padding: 1rem;
    }
    ul {
      list-style: none;
      padding: 0;
    }
    li {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 0.5rem;
      padding: 0.5rem 0;
    }
    strong {
      flex-basis: 100%;
      overflow-wrap: anywhere;
    }
    progress {
      flex: 1 1 8rem;
    }
  `,
})
export class Uploads {
  readonly #destroyRef = inject(DestroyRef);

  readonly uploads = injectUploads({
    checkpointStore: indexedDbCheckpointStore(),
    defaults: { bucket: 'media' },
  });

  add(files: ArrayLike<File>): void {
    this.uploads.add(Array.from(files, (file) => ({ key: KEY_PREFIX + file.name, sourceFile: file })));
  }

  /** A dropped folder is read with all that is in it. */
  protected drop(event: DragEvent): void {
    // Otherwise the browser opens what is dropped.
    event.preventDefault();
    if (event.dataTransfer === null) return;
    droppedFiles$(event.dataTransfer)
      .pipe(takeUntilDestroyed(this.#destroyRef))
      .subscribe(({ files }) => {
        this.uploads.add(files.map(({ file, path }) => ({ key: KEY_PREFIX + path, sourceFile: file })));
      });
  }
}
