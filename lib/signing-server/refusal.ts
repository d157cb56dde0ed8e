/** Why nothing is signed; the page gets the message. */
export class Refusal extends Error {
  /** HTTP status */
  readonly status: number;

  constructor(message: string, status = 403) {
    super(message);
    this.status = status;
  }
}
