/** A connection that several bodies share. */
export interface SharedLine {
  /**
   * Puts the next bytes of a body on the line, behind what is there.
   * @param now - milliseconds of a clock that is not set
   * @returns the milliseconds until they have passed
   */
  send(bytes: number, now: number): number;
}

/** Bodies take turns by slices, and one that is aborted leaves the line to the others. */
const SLICE_BYTES = 16 * 1024;
const MAX_SLICES = 64;

export function createSharedLine(bytesPerSecond: number): SharedLine {
  let freeAt = 0;
  let sentAt = 0;
  return {
    send(bytes, now) {
      // Virtual time begins again.
      if (now < sentAt) freeAt = now;
      sentAt = now;
      freeAt = Math.max(freeAt, now) + (bytes * 1000) / bytesPerSecond;
      return Math.ceil(freeAt - now);
    },
  };
}

/** Sizes of the slices of a body, in bytes. */
export function slicesOf(size: number): readonly number[] {
  const slice = Math.max(SLICE_BYTES, Math.ceil(size / MAX_SLICES));
  return Array.from({ length: Math.ceil(size / slice) }, (_, i) => Math.min(slice, size - i * slice));
}
