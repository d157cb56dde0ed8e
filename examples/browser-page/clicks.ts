import { EMPTY, fromEvent, mergeMap, type Observable } from 'rxjs';
import type { PageElements } from './page-elements.js';

export function clicks$(page: PageElements, id: string): Observable<Event> {
  return fromEvent(page.get(id, HTMLElement), 'click');
}

/** The buttons that are clicked within an element, except those that do nothing now. */
export function buttons$(page: PageElements, id: string): Observable<HTMLElement> {
  return clicks$(page, id).pipe(
    mergeMap(({ target }) => {
      const button = target instanceof Element ? target.closest('button') : null;
      return button === null || button.getAttribute('aria-disabled') === 'true' ? EMPTY : [button];
    }),
  );
}
