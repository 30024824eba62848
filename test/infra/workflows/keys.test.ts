import jsonata from 'jsonata';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { claimKey, evidenceKey, manifestKey } from '../../../core/vault/keys.ts';
import { TASKS } from '../../../core/names.ts';
import { noteName, noteOfStep, RESTORE_STEPS, taskOfStep } from '../../../core/failure/steps.ts';
import { deadlineOf } from '../../../infra/asl/deadline.ts';
import { DEFINITIONS, texts } from './definitions.ts';

const variables = {
  asset: 'ida-db',
  point: '20261121T020000Z',
  slot: '20261121T020000Z',
  claim: 12,
  run: '20261121T020001Z-3fa9c1',
  toSign: [manifestKey('ida', 'ida-db', '20261121T020000Z'), 'chain/ida/ida-db/000000007.json'],
  publicKey: 'evidence/ida/keys/0123.pem',
  verdict: { evidence: evidenceKey('ida', 'drill', '20261121T020001Z-3fa9c1'), keys: ['evidence/ida/2026/drill-result-1.json'] },
};

/** Value of the one expression of a machine that stands at the end of `path`. */
const valueAt = async (machine: keyof typeof DEFINITIONS, path: string): Promise<unknown> => {
  const found = texts(DEFINITIONS[machine].States).filter((text) => text.path.endsWith(path));
  expect(found, path).toHaveLength(1);
  return jsonata(found[0]?.text.slice(2, -2) ?? '').evaluate({}, variables);
};

test('what was signed, the claim and the public key are locked and copied', async () => {
  const records = [...variables.toSign, claimKey('ida', variables.asset, variables.slot, 12), variables.publicKey];
  expect(await valueAt('backup', '/Sign the records/Arguments/Payload/keys')).toEqual(variables.toSign);
  expect(await valueAt('backup', '/Lock the records/Arguments/Payload/keys')).toEqual(records);
  expect(await valueAt('backup', '/Copy the records/Arguments/Payload/keys')).toEqual(records);
});

test('a verdict is signed, locked and copied with what the judge names, each once', async () => {
  const { evidence, keys } = variables.verdict;
  for (const step of ['Sign the evidence', 'Lock the evidence', 'Copy the records'])
    expect(await valueAt('drill', `/${step}/Arguments/Payload/keys`)).toEqual([...keys, evidence]);
});

test('a run has the time of its own asset, and the longest of all while the asset is not known', async () => {
  const startedAt = '2026-11-21T02:00:00.000Z';
  const deadline = (asset: string) => jsonata(deadlineOf({ 'ida-db': 3600, audit: 600 }, `'${asset}'`)).evaluate({}, { startedAt });
  expect(await deadline('audit')).toBe(Date.parse(startedAt) + 600_000);
  expect(await deadline('ida-db')).toBe(Date.parse(startedAt) + 3_600_000);
  expect(await deadline('unknown')).toBe(Date.parse(startedAt) + 3_600_000);
});

const Variable = z.object({ Name: z.string(), Value: z.string() });

test('every task learns its run and its try, and stands in the step that its notes are looked for under', async () => {
  const found: string[] = [];
  for (const { States } of Object.values(DEFINITIONS))
    for (const [name, state] of Object.entries(States)) {
      if (state.Type !== 'Task' || state.Resource !== 'arn:aws:states:::ecs:runTask.sync') continue;
      const task = TASKS.find((candidate) => JSON.stringify(state.Arguments).includes(`-${candidate}'`));
      const phase = /'PHASE','Value':'{% \$string\('(\w+)'\)/.exec(
        JSON.stringify(state.Arguments).replaceAll('\\"', "'").replaceAll('"', "'"),
      )?.[1];
      expect(taskOfStep(name)).toBe(task);
      expect(noteOfStep(name)).toBe(task && noteName(task, phase));
      found.push(noteOfStep(name) ?? name);
      const environment = z.object({
        Overrides: z.object({ ContainerOverrides: z.tuple([z.object({ Environment: z.array(Variable) })]) }),
      });
      const { Environment } = environment.parse(state.Arguments).Overrides.ContainerOverrides[0];
      const values = new Map(Environment.map(({ Name, Value }) => [Name, Value.slice(2, -2)]));
      const valueOf = (id: string, more: object) => jsonata(values.get(id) ?? '').evaluate({}, { ...variables, ...more });
      expect(await valueOf('RUN', {})).toBe(variables.run);
      expect(await valueOf('TRY', { failedStep: '', tries: 0 })).toBe('1');
      expect(await valueOf('TRY', { failedStep: name, tries: 2 })).toBe('3');
      expect(await valueOf('TRY', { failedStep: 'Another step', tries: 2 })).toBe('1');
    }
  const phases = Object.keys(RESTORE_STEPS).map((phase) => noteName('restore', phase));
  expect(found.toSorted()).toEqual([...new Set([...TASKS, ...phases])].toSorted());
});
