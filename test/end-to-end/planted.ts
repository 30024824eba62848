/**
 * Nothing that is secret, and nothing of the people in the database, is anywhere but in the dumps themselves: searched for in everything
 * that the runs of a system have left, and in what the command line and its pages make of that.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { announceLocalSystem } from '../../cli/local-system.ts';
import { evidencePrefix } from '../../core/vault/keys.ts';
import type { ExecutionResult } from '../../local/interpreter/execution.ts';
import { holdfastHere } from '../cli/run-holdfast.ts';
import type { AlarmTopic } from '../helpers/alarm-topic.ts';
import type { DeployedSystem } from '../helpers/deployed-system.ts';

/** What holds it by its purpose: the dumps, and what a custodian carries away to open it. */
const HOLDERS = /^data\/(?!.*failure\.json$)/;
const LARGEST_FILE_BYTES = 20_000_000;

type Texts = { where: string; text: string }[];

/**
 * @param secrets besides those of the source; each is looked for as it stands and as others would write it down
 * @param runs that must be found in each place: a search that looks at nothing finds nothing
 */
export async function expectNothingPlanted(
  system: DeployedSystem,
  {
    ends,
    topic,
    secrets,
    runs,
  }: { ends: readonly ExecutionResult[]; topic: AlarmTopic; secrets: readonly string[]; runs: readonly string[] },
): Promise<void> {
  const { source } = system;
  const all = [source.secret.password, source.restoreSecret.password, source.keyHex, ...secrets].flatMap(spellings);
  // Every row of the database is somebody.
  const people = /person\d+@example\.org|\bPerson \d+/;
  const places: Record<string, Texts> = {
    histories: ends.map((end, index) => ({ where: `history ${index}`, text: JSON.stringify(end) })),
    objects: await objectsOf(system),
    messages: topic.all().map(({ Subject = '', Message }) => ({ where: Subject, text: Message })),
    ...(await saidOf(system, runs)),
    // Last: pages and exports are among them.
    files: filesOf(system.directory),
  };
  const found = Object.entries(places).flatMap(([place, texts]) =>
    texts.flatMap(({ where, text }) => [
      ...all.flatMap((secret, index) => (text.includes(secret) ? [`${place}, ${where}: secret ${index}`] : [])),
      ...(people.test(text) ? [`${place}, ${where}: somebody's row`] : []),
    ]),
  );
  expect(found).toEqual([]);
  const unseen = Object.entries(places).flatMap(([place, texts]) =>
    runs.filter((run) => !texts.some(({ text }) => text.includes(run))).map((run) => `${run} is not in the ${place}`),
  );
  expect(unseen).toEqual([]);
}

function spellings(secret: string): string[] {
  const bytes = /^[0-9a-f]{64}$/.test(secret) ? [Buffer.from(secret, 'hex').toString('base64')] : [];
  return [...new Set([secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, ''), ...bytes])];
}

async function objectsOf({ vault, replica, escrowAtHome, escrowInReplica }: DeployedSystem): Promise<Texts> {
  const texts: Texts = [];
  for (const reader of [vault, replica, escrowAtHome, escrowInReplica])
    for await (const { key, versionId, isDeleteMarker } of reader.listVersions('')) {
      if (isDeleteMarker || HOLDERS.test(key)) continue;
      const { body } = (await reader.get({ key, versionId }))!;
      texts.push({ where: `${reader.bucket}/${key}`, text: Buffer.from(body).toString('latin1') });
    }
  return texts;
}

/** Logs, records of executions, and whatever a task has left behind. */
function filesOf(directory: string): Texts {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !existsSync(path) || statSync(path).size > LARGEST_FILE_BYTES) return [];
    return [{ where: path.slice(directory.length + 1), text: readFileSync(path, 'latin1') }];
  });
}

/** What the command line says of it to whoever may read, and all pages. */
async function saidOf(system: DeployedSystem, runs: readonly string[]): Promise<Record<'output' | 'pages', Texts>> {
  const place = mkdtempSync(join(system.directory, 'said-'));
  const localDirectory = join(place, 'local');
  const withdraw = announceLocalSystem(localDirectory, system.local);
  const year = new Date().getUTCFullYear();
  // A reading command ends with 1 where something is red, as an asset without a backup of the last slot is.
  const said: [string[], ...number[]][] = [
    [['list'], 0, 1],
    [['show', 'postgres/latest', '--output', 'json'], 0, 1],
    [['status', '--output', 'json'], 0, 1],
    [['restore', 'latest', '--asset', 'postgres', '--target', 'in-place', '--preview'], 0],
    [['requests', '--output', 'json'], 0],
    ...runs.slice(-1).map((run): [string[], number] => [['requests', run], 0]),
    [['report', '--out', join(place, 'report')], 0, 1],
    [['evidence', 'export', join(place, 'evidence'), '--since', `${year - 1}-01-01`], 0],
  ];
  const output: Texts = [];
  try {
    for (const [words, ...codes] of said) {
      const { code, stdout, stderr } = await holdfastHere([...words, '--plan', system.planPath], { localDirectory });
      expect(codes, `${words.join(' ')}: ${stderr}`).toContain(code);
      output.push({ where: words.join(' '), text: stdout + stderr });
    }
  } finally {
    withdraw();
  }
  const pages = filesOf(place).filter(({ where }) => where.endsWith('.html'));
  expect(pages.filter(({ where }) => /restore-result|sign-off|approval/.test(where)).length).toBeGreaterThan(3);
  return { output, pages };
}

/** Restores that waited for somebody. */
export async function approvedRuns({ vault, plan }: Pick<DeployedSystem, 'vault' | 'plan'>): Promise<string[]> {
  const runs: string[] = [];
  for await (const { key } of vault.list(evidencePrefix(plan.system))) {
    const [, run] = /\/approval-request-([^/.]+)\.json$/.exec(key) ?? [];
    if (run !== undefined) runs.push(run);
  }
  return runs;
}
