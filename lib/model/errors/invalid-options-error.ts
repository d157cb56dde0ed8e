import { UploadError } from './upload-error.js';

/**
 * An option is invalid, or a resume needs one that was not passed again; found before any request, except for those
 * that only a restart needs.
 */
export class InvalidOptionsError extends UploadError {
  override readonly name: string = 'InvalidOptionsError';
  /** The option's name, such as `partSize`. */
  readonly option: string;

  constructor(option: string, message: string) {
    super('invalid-options', message, { resumable: false });
    this.option = option;
  }
}
