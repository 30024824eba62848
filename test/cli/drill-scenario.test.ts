import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

test('a point is named for one asset of a scenario, and not for several', async () => {
  const several = fileURLToPath(new URL('../infra/existing-network.yaml', import.meta.url));
  const words = ['drill', '--scenario', 'wiped', '--point', '20261121T020000Z', '--plan', several];
  const { code, stderr } = await holdfastHere(words, { directory });
  expect([code, stderr]).toEqual([64, expect.stringContaining('wiped is about several assets, name the one')]);
});
