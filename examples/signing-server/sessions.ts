import { randomBytes } from 'node:crypto';
import type { SigningUser } from 'rx-obs-upload/signing-server';

/** Logins for a demonstration: a token identifies its user, in `Authorization: Bearer` or in a cookie. */
export interface DemoSessions {
  /** The user of a request, null if unknown. Put your own login here. */
  readonly authorize: (request: Request) => SigningUser | null;
  /** Begins a session. @returns its token */
  readonly begin: (user: SigningUser) => string;
}

export const SESSION_COOKIE = 'rx-obs-upload-session';

export function createDemoSessions(): DemoSessions {
  const users = new Map<string, SigningUser>();
  return {
    authorize: ({ headers }) => {
      const bearer = /^Bearer ([\w-]+)$/.exec(headers.get('authorization') ?? '')?.[1];
      const cookie = new RegExp(`(?:^|; )${SESSION_COOKIE}=([\\w-]+)`).exec(headers.get('cookie') ?? '')?.[1];
      return users.get(bearer ?? cookie ?? '') ?? null;
    },
    begin: (user) => {
      const token = randomBytes(32).toString('base64url');
      users.set(token, user);
      return token;
    },
  };
}

/** Out of reach of scripts and of other sites. */
export function sessionCookie(token: string, path: string): string {
  return `${SESSION_COOKIE}=${token}; Path=${path}; HttpOnly; SameSite=Strict`;
}
