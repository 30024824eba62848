/** Names of offline files and of the facts beside them. Pure. */
import { isRun } from '../../vault/ids.ts';
import { OFFLINE } from './contract.ts';

/** `id`: that of the recipients, and the run of a file that was made again. `run`: empty for the first of its recipients. */
export type OfflineName = { id: string; recipients: string; run: string };

const NAME = new RegExp(`^${OFFLINE}-(([0-9a-f]{16})(?:-([^.]+))?)\\.(?:age|json)$`);

/** Undefined for what is no such name; those of proofs begin with the same word. */
export function parseOfflineName(name: string): OfflineName | undefined {
  const [, id, recipients, run = ''] = NAME.exec(name) ?? [];
  return id === undefined || recipients === undefined || !(run === '' || isRun(run)) ? undefined : { id, recipients, run };
}

/** Those for the same recipients, the one that was made last first. */
export const offlineNames = (names: readonly string[], recipients: string): OfflineName[] =>
  [...new Map(names.flatMap((name) => parseOfflineName(name) ?? []).map((one) => [one.id, one])).values()]
    .filter((one) => one.recipients === recipients)
    .toSorted((a, b) => (a.run < b.run ? 1 : -1));

/** In the names of results, the first file of its recipients: it has no run. */
export const FIRST_FILE = 'first';

/**
 * Ids of the facts of what witnesses saw: for which recipients, the file that was made last of those that they had before them, and
 * the run. Early ones say less. `file`: the run of that file, empty for the first; undefined where the name does not say.
 */
export type OfflineResultName = { recipients: string | undefined; file: string | undefined; run: string };

export const offlineResultId = ({ recipients, file, run }: OfflineResultName): string =>
  [recipients, file === '' ? FIRST_FILE : file, run].filter((part) => part !== undefined).join('-');

const RUN = '\\d{8}T\\d{6}Z-[0-9a-f]{6}';
const RESULT_ID = new RegExp(`^(?:([0-9a-f]{16})-(?:(${FIRST_FILE}|${RUN})-)?)?(${RUN})$`);

/** Undefined for what no run gives as a name. */
export function parseOfflineResult(id: string): OfflineResultName | undefined {
  const [, recipients, made, run] = RESULT_ID.exec(id) ?? [];
  const file = made === FIRST_FILE ? '' : made;
  if (run === undefined || !isRun(run) || !(file === undefined || file === '' || isRun(file))) return undefined;
  return { recipients, file, run };
}
