import { EMPTY, of, Subject, throwError, type Observable } from 'rxjs';
import { oneByOne } from '../../../../lib/ports/spool/indexed-db-spool.js';

describe('oneByOne', () => {
  function world(): {
    readonly log: string[];
    readonly run: (name: string, task: Observable<string>) => ReturnType<Observable<string>['subscribe']>;
  } {
    const log: string[] = [];
    const inOrder = oneByOne();
    const task$ = (name: string, task: Observable<string>): Observable<string> =>
      inOrder(() => {
        log.push(`${name} begins`);
        return task;
      });
    return {
      log,
      run: (name, task) =>
        task$(name, task).subscribe({
          next: (value) => log.push(`${name}: ${value}`),
          error: (error: unknown) => log.push(`${name} fails: ${String(error)}`),
          complete: () => log.push(`${name} ends`),
        }),
    };
  }

  it('starts nothing before it is subscribed to', () => {
    let started = false;
    const task$ = oneByOne()(() => of((started = true)));
    expect(started).toBe(false);
    task$.subscribe();
    expect(started).toBe(true);
  });

  it('starts each task when the previous one has ended, successfully or not', () => {
    const { log, run } = world();
    const [a$, b$] = [new Subject<string>(), new Subject<string>()];
    run('a', a$);
    run('b', b$);
    run(
      'c',
      throwError(() => new Error('no')),
    );
    run('d', EMPTY);
    run('e', of('5'));
    expect(log).toEqual(['a begins']);
    a$.next('1');
    a$.complete();
    expect(log).toEqual(['a begins', 'a: 1', 'a ends', 'b begins']);
    b$.error(new Error('broken'));
    expect(log.slice(4)).toEqual([
      'b fails: Error: broken',
      'c begins',
      'c fails: Error: no',
      'd begins',
      'd ends',
      'e begins',
      'e: 5',
      'e ends',
    ]);
  });

  it('finishes a task that has started, even if it is unsubscribed', () => {
    const { log, run } = world();
    const a$ = new Subject<string>();
    run('a', a$).unsubscribe();
    expect(a$.observed).toBe(true);
    run('b', of('2'));
    a$.complete();
    expect(log).toEqual(['a begins', 'b begins', 'b: 2', 'b ends']);
  });
});
