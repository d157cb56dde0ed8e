import { emptyAnswer, type Answer } from './answer.js';
import { Refusal } from './refusal.js';
import { headerOf, type RequestHead } from '../request/request.js';

/** A bucket's CORS rule. */
export interface CorsRule {
  /** Origins, each with at most one `*`. */
  readonly allowedOrigins: readonly string[];
  /** Such as `PUT`. */
  readonly allowedMethods: readonly string[];
  /** Header names, each with at most one `*`. */
  readonly allowedHeaders: readonly string[];
  /** What a page may read besides the few headers that it always may; takes no `*`. */
  readonly exposeHeaders: readonly string[];
  /** Seconds for which a browser may remember a preflight. */
  readonly maxAgeSeconds: number;
}

/**
 * The response to a preflight.
 * @throws {@link Refusal} AccessForbidden where no rule allows the request, BadRequest where it is no preflight
 */
export function answerPreflight(request: RequestHead, rule: CorsRule | null): Answer {
  const method = headerOf(request, 'access-control-request-method');
  if (headerOf(request, 'origin') === null || method === null) throw new Refusal('BadRequest');
  const asked = (headerOf(request, 'access-control-request-headers') ?? '').split(',').map((name) => name.trim());
  const headers = asked.filter((name) => name !== '');
  const allowed =
    rule !== null &&
    allowsOrigin(request, rule) &&
    rule.allowedMethods.includes(method) &&
    headers.every((name) => matchesAny(name.toLowerCase(), rule.allowedHeaders));
  if (!allowed) throw new Refusal('AccessForbidden');
  return emptyAnswer(200, {
    ...corsHeaders(request, rule),
    'access-control-allow-methods': rule.allowedMethods.join(', '),
    ...(headers.length > 0 ? { 'access-control-allow-headers': headers.join(', ') } : {}),
    'access-control-max-age': String(rule.maxAgeSeconds),
    ...(headerOf(request, 'access-control-request-private-network') === 'true'
      ? { 'access-control-allow-private-network': 'true' }
      : {}),
  });
}

/** Headers that let a page read the response; none where the rule does not name its origin and method. */
export function corsHeaders(request: RequestHead, rule: CorsRule | null): Record<string, string> {
  // A simple request has no preflight, so this is the only check of its method.
  const method = headerOf(request, 'access-control-request-method') ?? request.method;
  if (rule === null || !allowsOrigin(request, rule) || !rule.allowedMethods.includes(method)) return {};
  return {
    'access-control-allow-origin': rule.allowedOrigins.includes('*') ? '*' : (headerOf(request, 'origin') ?? ''),
    'access-control-expose-headers': rule.exposeHeaders.join(', '),
    vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  };
}

function allowsOrigin(request: RequestHead, rule: CorsRule): boolean {
  const origin = headerOf(request, 'origin');
  return origin !== null && matchesAny(origin, rule.allowedOrigins);
}

function matchesAny(text: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const [before = '', after] = pattern.toLowerCase().split('*');
    const lower = text.toLowerCase();
    if (after === undefined) return lower === before;
    return lower.length >= before.length + after.length && lower.startsWith(before) && lower.endsWith(after);
  });
}
