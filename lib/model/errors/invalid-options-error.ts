import { UploadError } from './upload-error.js';

/**
 * An option that cannot work, or that a resume needs and was not given again; found before any request, but for what only
 * a restart needs.
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
