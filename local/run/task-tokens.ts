/**
 * Tasks that wait for a token, and what is sent for one: one file each, since whoever sends it may be another process of this machine.
 * A file is named by the token's hash, so that a token stands nowhere but where the machine gave it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { StateFailed } from '../interpreter/errors.ts';
import type { Json } from '../interpreter/language.ts';

const Sent = z.union([z.object({ output: z.string() }), z.object({ error: z.string(), cause: z.string() })]);
export type Sent = z.infer<typeof Sent>;

export type TaskTokens = {
  /** A new token that waits from now on, until `settle` is called. */
  open(): { token: string; sent(signal: AbortSignal): Promise<Json>; settle(): void };
  /** `gone`: nothing waits for it, or no more. */
  send(token: string, sent: Sent): 'taken' | 'gone';
};

const LOOK_MILLISECONDS = 200;
/** As long as those of the service are, more or less. */
const TOKEN_BYTES = 192;

export function taskTokens(directory: string): TaskTokens {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const pathOf = (token: string, what: 'waits' | 'sent') => join(directory, `${createHash('sha256').update(token).digest('hex')}.${what}`);
  return {
    open() {
      const token = randomBytes(TOKEN_BYTES).toString('base64');
      const [waits, sent] = [pathOf(token, 'waits'), pathOf(token, 'sent')];
      writeFileSync(waits, '', { mode: 0o600 });
      return {
        token,
        async sent(signal) {
          for (;;) {
            if (existsSync(sent)) return resultOf(Sent.parse(JSON.parse(readFileSync(sent, 'utf8'))));
            await sleep(LOOK_MILLISECONDS, undefined, { signal });
          }
        },
        settle() {
          for (const path of [waits, sent]) rmSync(path, { force: true });
        },
      };
    },
    send(token, sent) {
      if (!existsSync(pathOf(token, 'waits'))) return 'gone';
      try {
        writeFileSync(pathOf(token, 'sent'), JSON.stringify(sent), { flag: 'wx', mode: 0o600 });
        return 'taken';
      } catch (error) {
        // A token is good for one answer.
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'gone';
        throw error;
      }
    },
  };
}

function resultOf(sent: Sent): Json {
  if ('error' in sent) throw new StateFailed(sent.error, sent.cause);
  return JSON.parse(sent.output) as Json;
}
