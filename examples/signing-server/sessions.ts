import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { User } from './policy/policy.js';

/** Tells who asks; null: nobody that is known. Put your own login here. */
export type Authenticate = (request: IncomingMessage) => User | null | Promise<User | null>;

/** Logins for a demonstration: whoever holds a token is its user, by `Authorization: Bearer` or by cookie. */
export interface DemoSessions {
  readonly authenticate: Authenticate;
  /** Begins a session. @returns its token */
  begin(user: User): string;
}

export const SESSION_COOKIE = 'rx-obs-upload-session';

export function createDemoSessions(): DemoSessions {
  const users = new Map<string, User>();
  return {
    authenticate: ({ headers }) => {
      const bearer = /^Bearer ([\w-]+)$/.exec(headers.authorization ?? '')?.[1];
      const cookie = new RegExp(`(?:^|; )${SESSION_COOKIE}=([\\w-]+)`).exec(headers.cookie ?? '')?.[1];
      return users.get(bearer ?? cookie ?? '') ?? null;
    },
    begin: (user) => {
      const token = randomBytes(32).toString('base64url');
      users.set(token, user);
      return token;
    },
  };
}

/** Out of reach of scripts, and of other sites. */
export function sessionCookie(token: string, path: string): string {
  return `${SESSION_COOKIE}=${token}; Path=${path}; HttpOnly; SameSite=Strict`;
}
