/** What a restore has stopped, as working papers of its run in the vault. Each is written once, whoever comes first. */
import type * as z from 'zod';
import { parseJson } from '../../core/parse-json.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { ResumedPaper, StoppingPaper } from '../../core/quiesce/contract.ts';
import { restorePaperKey, restorePapersPrefix } from '../../core/vault/keys.ts';
import { putSameOnce } from './put-records.ts';
import { readRecord } from './read-records.ts';

type Of = { system: string; asset: string; run: string };
type Kind = 'stopping' | 'resumed';
type Vault = ObjectReader & ObjectWriter;

const SCHEMAS = { stopping: StoppingPaper, resumed: ResumedPaper } as const;
const nameOf = (number: number, kind: Kind) => `quiesce-${String(number).padStart(2, '0')}-${kind}`;
const keyOf = ({ system, asset, run }: Of, number: number, kind: Kind) => restorePaperKey(system, asset, run, nameOf(number, kind));

type Paper<K extends Kind> = z.infer<(typeof SCHEMAS)[K]>;
const parse = <K extends Kind>(kind: K, body: Uint8Array) => SCHEMAS[kind].parse(parseJson(body)) as Paper<K>;

export async function readPaper<K extends Kind>(vault: ObjectReader, of: Of, number: number, kind: K): Promise<Paper<K> | undefined> {
  const record = await readRecord(vault, keyOf(of, number, kind));
  return record && parse(kind, record.body);
}

/** The paper that counts: this one, or one that was there. */
export async function putPaper<K extends Kind>(vault: Vault, of: Of, kind: K, paper: Paper<K>): Promise<Paper<K>> {
  const record = await putSameOnce(vault, keyOf(of, paper.number, kind), JSON.stringify(paper));
  return parse(kind, record.body);
}

/** Whether a restore has ever written anything down under this run. */
export async function hasPapers(vault: ObjectReader, { system, asset, run }: Of): Promise<boolean> {
  for await (const _ of vault.listVersions(`${restorePapersPrefix(system, asset)}${run}/`)) return true;
  return false;
}

/** All papers of a run. */
export async function readPapers(vault: ObjectReader, of: Of): Promise<{ stopping: StoppingPaper[]; resumed: ResumedPaper[] }> {
  const numbers = new Map<string, { number: number; kind: Kind }>();
  for await (const { key } of vault.listVersions(`${restorePapersPrefix(of.system, of.asset)}${of.run}/quiesce-`)) {
    const [, number = '', kind = ''] = /quiesce-(\d+)-(stopping|resumed)\.json$/.exec(key) ?? [];
    if (kind === 'stopping' || kind === 'resumed') numbers.set(key, { number: Number(number), kind });
  }
  const stopping: StoppingPaper[] = [];
  const resumed: ResumedPaper[] = [];
  for (const { number, kind } of numbers.values()) {
    if (kind === 'stopping') stopping.push(...(await found(readPaper(vault, of, number, 'stopping'))));
    else resumed.push(...(await found(readPaper(vault, of, number, 'resumed'))));
  }
  return { stopping, resumed };
}

const found = async <T>(paper: Promise<T | undefined>): Promise<T[]> => {
  const one = await paper;
  return one === undefined ? [] : [one];
};

/** Steps that runs of the asset, those before `run` where it is given, have stopped and nobody has put back; newest run first. */
export async function readLeftStopped(
  vault: ObjectReader,
  { system, asset, run }: Omit<Of, 'run'> & { run?: string },
): Promise<StoppingPaper[]> {
  const runs: string[] = [];
  for await (const folder of vault.listFolders(restorePapersPrefix(system, asset))) {
    const earlier = folder.split('/').at(-2) ?? '';
    if (run === undefined || earlier < run) runs.push(earlier);
  }
  const left: StoppingPaper[] = [];
  for (const earlier of runs.toSorted().toReversed()) {
    const { stopping, resumed } = await readPapers(vault, { system, asset, run: earlier });
    left.push(...stopping.filter(({ number }) => !resumed.some((paper) => paper.number === number)));
  }
  return left;
}
