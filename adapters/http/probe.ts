/** The probes of a plan: one GET, or a login and what only somebody who is logged in gets. */
import { durationSeconds } from '../../core/plan/durations.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { CheckResult } from '../../core/drill/contract.ts';
import type { HttpProbe, LoginProbe } from '../../core/plan/schema-probes.ts';
import { judgeAnswer } from '../../core/validation/judge-answer.ts';
import { ask } from './ask.ts';

const HEADERS = { 'user-agent': 'holdfast-probe', accept: '*/*', connection: 'close' };

export async function probeHttp(probe: HttpProbe): Promise<CheckResult> {
  const { name, url, ca, timeout, redirects } = probe;
  const asked = await ask({ url, method: 'GET', headers: HEADERS, ca, timeoutMilliseconds: durationSeconds(timeout) * 1000, redirects });
  return judgeAnswer(name, 'http', probe, asked);
}

export type Account = { username: string; password: string };

/** @param account undefined when the secret cannot be read, or has none */
export async function probeLogin(probe: LoginProbe, account: Account | undefined): Promise<CheckResult> {
  const { name, url, ca, timeout, afterwards } = probe;
  const failed = (problem: string) => judgeAnswer(name, 'login', probe, { problem });
  if (account === undefined) return failed(`the secret ${probe.secret} has no username and password that can be read`);
  const common = { ca, timeoutMilliseconds: durationSeconds(timeout) * 1000, redirects: 0 };
  const { type, body } = writeLogin(probe, account);
  const login = await ask({ ...common, url, method: 'POST', headers: { ...HEADERS, 'content-type': type }, body });
  const judged = judgeAnswer(name, 'login', probe, login);
  if (judged.outcome === 'failed' || afterwards === undefined || 'problem' in login) return judged;
  const token = afterwards.tokenField === undefined ? undefined : findToken(login.body, afterwards.tokenField);
  if (afterwards.tokenField !== undefined && token === undefined) return failed(`the answer has no ${afterwards.tokenField}`);
  const cookies = login.cookies.join('; ');
  const asked = await ask({
    ...common,
    url: afterwards.url,
    method: 'GET',
    headers: {
      ...HEADERS,
      ...(cookies === '' ? {} : { cookie: cookies }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  });
  return judgeAnswer(name, 'login', afterwards, asked);
}

function writeLogin({ format, usernameField, passwordField }: LoginProbe, { username, password }: Account): { type: string; body: string } {
  const fields = { [usernameField]: username, [passwordField]: password };
  return format === 'json'
    ? { type: 'application/json', body: JSON.stringify(fields) }
    : { type: 'application/x-www-form-urlencoded', body: new URLSearchParams(fields).toString() };
}

function findToken(body: string, path: string): string | undefined {
  let value = parseJson(body);
  for (const part of path.split('.'))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined;
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value) ? value : undefined;
}
