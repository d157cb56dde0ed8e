import type { HttpInterceptorFn } from '@angular/common/http';
import { inject } from '@angular/core';
import { SETTINGS } from './settings.js';

/** Shows the signing server who asks. Requests to the store do not come by here: their signature would break. */
export const authenticate: HttpInterceptorFn = (request, next) => {
  const { session } = inject(SETTINGS);
  return next(request.clone({ setHeaders: { Authorization: `Bearer ${session}` } }));
};
