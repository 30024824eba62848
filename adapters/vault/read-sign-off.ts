/** What stands in the vault of a restore that people look at: its record, what they have said, and whether somebody signed. */
import { createHash } from 'node:crypto';
import { parseJson } from '../../core/parse-json.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { RestoreResult } from '../../core/restore/result.ts';
import { itemsOf, stepItems, type StepTicks, type Ticks } from '../../core/sign-off/decide.ts';
import { RestoreUnknown } from '../../core/sign-off/errors.ts';
import type { Item } from '../../core/sign-off/contract.ts';
import { SignOff, signOffKey, stepTickKey, Tick, tickKey } from '../../core/sign-off/records.ts';
import type { StoppingPaper } from '../../core/quiesce/contract.ts';
import { evidenceKey, restorePapersPrefix, systemRestorePapersPrefix } from '../../core/vault/keys.ts';
import { PointRecordDamaged } from '../../core/vault/record-errors.ts';
import { findFollowUps, NOTHING_KEPT, type FollowUps } from './find-follow-up.ts';
import { readPapers } from './quiesce-papers.ts';
import { readRecord } from './read-records.ts';
import type { z } from 'zod';

type Place = { system: string; vault: ObjectReader; now: Date };
/** Of a restore that is done. */
export type Done = FollowUps & { result: RestoreResult; resultSha256: string; ticks: Ticks; signOff: SignOff | undefined };
export type FoundRestore = { asset: string; items: Item[]; stopping: StoppingPaper[]; done: Done | undefined };

/** Throws RestoreUnknown; PointRecordDamaged where something else stands under the name of a record. */
export async function readRestore({ system, vault, now }: Place, run: string): Promise<FoundRestore> {
  const found = await readAs(vault, RestoreResult, evidenceKey(system, 'restore-result', run));
  const asset = found?.record.asset ?? (await findAsset(vault, system, run));
  if (asset === undefined) throw new RestoreUnknown(run);
  const of = { system, asset, run };
  const { stopping, resumed } = await readPapers(vault, of);
  const steps = stepItems(stopping, resumed, await readStepTicks(vault, of, stopping));
  if (found === undefined) return { asset, items: steps, stopping, done: undefined };
  const { record: result, body } = found;
  const ticks = await readTicks(vault, of, result);
  const signOff = (await readAs(vault, SignOff, signOffKey(system, run)))?.record;
  const followUps = result.kept === undefined ? NOTHING_KEPT : await findFollowUps(vault, { system, run, now });
  const resultSha256 = createHash('sha256').update(body).digest('hex');
  return { asset, items: [...steps, ...itemsOf(result, ticks)], stopping, done: { result, resultSha256, ticks, signOff, ...followUps } };
}

/** While a restore goes on, its working papers say whose it is. */
async function findAsset(vault: ObjectReader, system: string, run: string): Promise<string | undefined> {
  for await (const folder of vault.listFolders(systemRestorePapersPrefix(system))) {
    const asset = folder.split('/').at(-2) ?? '';
    for await (const _ of vault.listVersions(`${restorePapersPrefix(system, asset)}${run}/`)) return asset;
  }
  return undefined;
}

type OfRun = { system: string; asset: string; run: string };

async function readTicks(vault: ObjectReader, of: OfRun, { leftToPeople }: RestoreResult): Promise<Ticks> {
  const read = (kind: 'check' | 'follow-up', all: readonly unknown[] = []) =>
    Promise.all(all.map(async (_, number) => (await readAs(vault, Tick, tickKey(of, kind, number)))?.record));
  return { checks: await read('check', leftToPeople?.checks), followUps: await read('follow-up', leftToPeople?.followUps) };
}

async function readStepTicks(vault: ObjectReader, of: OfRun, stopping: readonly StoppingPaper[]): Promise<StepTicks> {
  const manual = stopping.filter(({ step }) => step.kind === 'manual');
  return new Map(
    await Promise.all(
      manual.map(async ({ number }) => {
        const stop = (await readAs(vault, Tick, stepTickKey(of, number, 'stop')))?.record;
        const start = (await readAs(vault, Tick, stepTickKey(of, number, 'start')))?.record;
        return [number, { stop, start }] as const;
      }),
    ),
  );
}

async function readAs<S extends z.ZodType>(vault: ObjectReader, schema: S, key: string) {
  const found = await readRecord(vault, key);
  if (found === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(found.body));
  if (!parsed.success) throw new PointRecordDamaged(`s3://${vault.bucket}/${key}`);
  return { record: parsed.data, body: found.body };
}
