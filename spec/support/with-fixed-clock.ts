/** Stops the clock: the official SDK reads it once for what it signs, and again for what it writes into the URL. */
export function withFixedClock<T>(sign: () => T, itsDate: DateConstructor = Date): T {
  const clock = jest.spyOn(itsDate.prototype, 'getTime').mockReturnValue(Date.now());
  try {
    return sign();
  } finally {
    clock.mockRestore();
  }
}
