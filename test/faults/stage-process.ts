/** A stage as a process of its own, to be killed: `stage-process.ts backup|retention <asset> <slot> <execution>`. Its dump was made before. */
import { openBucket } from '../../adapters/s3/bucket.ts';
import { FACT_FORMAT, type VerifiedFact } from '../../core/vault/facts.ts';
import { factKey } from '../../core/vault/keys.ts';
import { runStage, type Stage } from './run-stage.ts';
import { backupStage, retentionStage } from './stages.ts';

const [stageName = '', asset = '', slot = '', execution = ''] = process.argv.slice(2);
const system = process.env['SYSTEM'] ?? '';
const { reader, writer } = openBucket(process.env['VAULT_BUCKET'] ?? '', {}, process.env);

const tasks: Stage['tasks'] = {
  async verify({ POINT: point = '', RUN: id = '' }) {
    const of = { format: FACT_FORMAT, kind: 'verified', system, asset, point, id, at: new Date().toISOString() } as const;
    const fact: VerifiedFact = { ...of, bytesRead: 1, rows: [], largeObjects: 0 };
    await writer.putOnce(factKey(system, asset, point, 'verified', id), JSON.stringify(fact));
  },
};
const of = { system, tasks, executions: { set: () => undefined } };
const readText = async (_bucket: string, key: string) => Buffer.from((await reader.get({ key }))?.body ?? '').toString();
const policy = { hotSeconds: 30 * 86_400, keepProven: 1, zone: 'UTC' };
const isBackup = stageName === 'backup';
const stage = isBackup ? backupStage(of, asset) : retentionStage(of, asset, { policy, aheadMilliseconds: 0, readText });
const end = await runStage(stage, isBackup ? { asset, slot } : { asset }, execution);
process.stdout.write(`${end.status} ${'cause' in end ? end.cause : ''}\n`);
process.exit(end.status === 'SUCCEEDED' ? 0 : 1);
