import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { holdfastHere } from './run-holdfast.ts';

const shipped = readFileSync(new URL('../../plans/datamesh.yaml', import.meta.url), 'utf8');
const directory = mkdtempSync(join(tmpdir(), 'holdfast-scenario-'));
const plan = join(directory, 'mesh.yaml');
writeFileSync(plan, shipped);
afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  [['--scenario', 'flood'], "the plan has no 'flood', but accidental-deletion, environment-failure, integration-corruption"],
  [['--scenario', 'environment-failure', '--from', 'vault'], 'environment-failure restores from the replica'],
  [['integration-key', '--scenario', 'accidental-deletion'], 'accidental-deletion is about postgres'],
])('drill %j is refused before anything is reached', async (words, why) => {
  const { code, stderr } = await holdfastHere(['drill', ...words, '--plan', plan], { directory });
  expect([code, stderr]).toEqual([64, expect.stringContaining(why)]);
});
