import { UploadError } from './upload-error.js';

/** An option that cannot work; found before any request. */
export class InvalidOptionsError extends UploadError {
  override readonly name: string = 'InvalidOptionsError';
  /** The option's name, such as `partSize`. */
  readonly option: string;

  constructor(option: string, message: string) {
    super('invalid-options', message);
    this.option = option;
  }
}
