import * as z from 'zod';
import { BadConfiguration } from '../failure/input-errors.ts';
import { EscrowInput } from './contract.ts';
import { BadEscrowInput } from './errors.ts';
import { parseJson } from '../parse-json.ts';
import { PlanSource, placeOf, type KeyPlace } from './key-place.ts';

/** Where the plan says that the value of each key asset stands. The environment variable `KEYS` is its JSON. */
export const KeySources = z.record(z.string(), PlanSource);
export type KeySources = z.infer<typeof KeySources>;

/** Throws BadEscrowInput. */
export function keyPlace(sources: KeySources, key: string): KeyPlace {
  const source = Object.hasOwn(sources, key) ? sources[key] : undefined;
  if (source) return placeOf(source);
  throw new BadEscrowInput(`This system has no key asset '${key}'`, 'Start the escrow machine, which lists the versions itself');
}

/** @param secretId as Secrets Manager tells it: a name, or an ARN, which ends with six random characters */
export const keysOfSecret = (sources: KeySources, secretId: string): string[] => {
  const name = secretId.startsWith('arn:') ? (secretId.split(':').slice(6).join(':') ?? '').replace(/-[A-Za-z0-9]{6}$/, '') : secretId;
  return Object.keys(sources)
    .filter((key) => sources[key]?.secret === name)
    .sort();
};

/** Key assets that left the plan have no schedule: they go along with the first one of it, and with every run where it has none. */
export function bringsThoseThatLeft(asked: readonly string[], sources: KeySources): boolean {
  const [first] = Object.keys(sources).sort();
  return first === undefined || asked.includes(first);
}

/** Throws BadConfiguration. */
export function readKeySources(json: string): KeySources {
  const parsed = KeySources.safeParse(parseJson(json));
  if (parsed.success) return parsed.data;
  throw new BadConfiguration(parsed.error.issues.map((issue) => `${['KEYS', ...issue.path].join('.')}: ${issue.message}`));
}

const possible = (sources: KeySources) => Object.keys(sources).sort().join(', ') || 'none: the plan has no key asset';

/** The key assets that an execution is for. Throws BadEscrowInput, which names the possible ones. */
export function selectKeys(input: unknown, sources: KeySources): string[] {
  const checked = EscrowInput.safeParse(input ?? {});
  const advice = `Start the machine with {} for every key asset, or with {"key": "<one of: ${possible(sources)}>"}`;
  if (!checked.success) {
    const what = checked.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('; ');
    throw new BadEscrowInput(`The input is not understood (${what})`, advice);
  }
  const { key } = checked.data;
  if (key === undefined) return Object.keys(sources).sort();
  if (!Object.hasOwn(sources, key))
    throw new BadEscrowInput(`This system has no key asset '${key}'; possible: ${possible(sources)}`, advice);
  return [key];
}
