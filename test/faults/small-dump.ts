/** A dump of next to nothing, for sweeps of what comes after it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPoint } from '../../core/vault/read-point.ts';
import { freshDatabase } from '../helpers/servers.ts';
import { storeSecret } from '../tasks/dump/run-dump-task.ts';
import { readStored, realTasks, type StoredDump } from './backup-tasks.ts';
import type { Pipeline } from './pipeline.ts';

const POINT = '20200101T000000Z';
const ASSET = 'small';

export async function makeSmallDump({ system, vault }: Pipeline): Promise<StoredDump> {
  const source = await freshDatabase('small');
  const scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-test-small-'));
  try {
    await (await source.connect()).query('CREATE TABLE t AS SELECT i AS id FROM generate_series(1, 1) i');
    const { host, port, user, password, database, ca } = source;
    const secret = await storeSecret({ host, port, username: user, password, dbname: database, ca });
    const tasks = realTasks(ASSET, { secret, dump: { format: 'custom' }, scratchDir });
    await tasks?.['dump']?.({ POINT, CLAIM: '1', TRY: '1', RUN: 'run' });
    const records = await readPoint(vault, system, ASSET, POINT);
    if (!records) throw new Error('the small dump left no point');
    return await readStored(vault, records.manifest);
  } finally {
    await source.drop();
    rmSync(scratchDir, { recursive: true, force: true });
  }
}
