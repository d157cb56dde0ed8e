/** The official SDK asks the clock for what it signs, and again for what it writes into the URL: not a second apart. */
export function atOneTime<T>(sign: () => T, itsDate: DateConstructor = Date): T {
  const clock = jest.spyOn(itsDate.prototype, 'getTime').mockReturnValue(Date.now());
  try {
    return sign();
  } finally {
    clock.mockRestore();
  }
}
