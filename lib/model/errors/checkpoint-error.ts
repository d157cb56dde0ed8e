import { UploadError } from './upload-error.js';

/** A checkpoint that cannot be read, is damaged, or belongs to another upload; found before any request. */
export class CheckpointError extends UploadError {
  override readonly name: string = 'CheckpointError';
  /** Path of the field that is wrong, such as `parts[3].etag`. */
  readonly field: string;

  constructor(field: string, message: string) {
    super('checkpoint', message, { resumable: false });
    this.field = field;
  }
}
