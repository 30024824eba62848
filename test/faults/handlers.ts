/** The real handlers, found as a workflow names them: a stage that gets one more function is run with it. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Handler } from './run-stage.ts';

const ROOT = fileURLToPath(new URL('../../functions/', import.meta.url));
const camelCase = (name: string) => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** `lock/lock-objects` by `lockObjects`; several stages have a function of one name. */
const paths = Map.groupBy(
  readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('/') && path.endsWith('.ts')),
  (path) => camelCase(path.split('/').at(-1)?.replace('.ts', '') ?? ''),
);

/** In place of the ARNs that CDK fills in: whichever a workflow asks for. */
export const FUNCTION_ARNS: object = new Proxy({}, { get: (_, name) => `function:${String(name)}`, has: () => true });

const loaded = new Map<string, Promise<Handler>>();

export function findHandler(stage: string, arn: string): Promise<Handler> {
  const name = arn.replace('function:', '');
  const known = loaded.get(`${stage} ${name}`) ?? load(stage, name);
  loaded.set(`${stage} ${name}`, known);
  return known;
}

async function load(stage: string, name: string): Promise<Handler> {
  const [first, ...others] = paths.get(name) ?? [];
  const path = [first, ...others].find((each) => each?.startsWith(`${stage}/`)) ?? first;
  if (path === undefined) throw new Error(`there is no function ${name}`);
  const { handler } = (await import(/* @vite-ignore */ `${ROOT}${path}`)) as { handler: Handler };
  return handler;
}
