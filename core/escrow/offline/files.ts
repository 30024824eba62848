/** Names of offline files and of the facts beside them. Pure. */
import { OFFLINE } from './contract.ts';

/** `id`: that of the recipients, and the run of a file that was made again. `run`: empty for the first of its recipients. */
export type OfflineName = { id: string; recipients: string; run: string };

const NAME = new RegExp(`^${OFFLINE}-(([0-9a-f]{16})(?:-(\\d{8}T\\d{6}Z-[0-9a-f]{6}))?)\\.(?:age|json)$`);

/** Undefined for what is no such name; those of proofs begin with the same word. */
export function parseOfflineName(name: string): OfflineName | undefined {
  const [, id, recipients, run = ''] = NAME.exec(name) ?? [];
  return id === undefined || recipients === undefined ? undefined : { id, recipients, run };
}

/** Those for the same recipients, the one that was made last first. */
export const offlineNames = (names: readonly string[], recipients: string): OfflineName[] =>
  [...new Map(names.flatMap((name) => parseOfflineName(name) ?? []).map((one) => [one.id, one])).values()]
    .filter((one) => one.recipients === recipients)
    .toSorted((a, b) => (a.run < b.run ? 1 : -1));
