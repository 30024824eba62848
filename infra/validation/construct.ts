/** The function that asks the application over HTTP and logs in to it, once it was put back. Only beside the vault, as what is replaced is. */
import type { Construct } from 'constructs';
import type { PostgresAsset } from '../../core/plan/schema-assets.ts';
import { durationSeconds } from '../../core/plan/durations.ts';
import { restorePaperKey, restorePapersPrefix } from '../../core/vault/keys.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, listObjects, putObjects, readObjects, readSecrets, vaultOf } from '../grants.ts';
import type { HandlerPath } from '../handlers.ts';
import type { RestoreBlocks } from '../restore/block.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';
import { probeBlock } from './states.ts';

const HANDLER = 'validation/probe' satisfies HandlerPath;
/** One round of requests, whose time-outs run side by side, and the file that is written of them. */
const TIMEOUT_SECONDS = 300;

/** What is asked of an asset's application; a place without either has none. */
const setOf = ({ restore }: PostgresAsset) => {
  const { probes = [], logins = [] } = restore?.validation ?? {};
  return probes.length + logins.length === 0 ? [] : [{ probes, logins }];
};
const isUsed = (system: System) => system.side === 'vault' && system.postgresAssets.some((asset) => setOf(asset).length > 0);

export function makeProbe(stack: Construct, system: System, settings: Settings): void {
  if (!isUsed(system)) return;
  const vault = vaultOf(system);
  const papers = [restorePaperKey(system.name, '*', ANY_RUN, 'probed')];
  const secrets = system.postgresAssets.flatMap(setOf).flatMap(({ logins }) => logins.map(({ secret }) => secret));
  makeFunction(stack, {
    system,
    settings,
    handler: HANDLER,
    description: 'asks an application whether it works after a restore',
    timeoutSeconds: TIMEOUT_SECONDS,
    environment: { SYSTEM: system.name, VAULT_BUCKET: system.vaultBucket },
    statements: [
      listObjects('SeeWhatWasAnswered', vault, [restorePapersPrefix(system.name, '')]),
      readObjects('ReadWhatWasAnswered', vault, papers),
      putObjects('WriteDownWhatWasAnswered', vault, papers),
      bucketKey('VaultKey', system, vault, 'read-write'),
      ...(secrets.length === 0 ? [] : readSecrets('ReadTheAccountsOfLogins', system, secrets, ['secretsmanager:GetSecretValue'])),
    ],
  });
}

/** What the restore machine does with it; nothing where no asset has probes. */
export function probeBlocks(system: System): { blocks: RestoreBlocks; functions: readonly HandlerPath[] } {
  if (!isUsed(system)) return { blocks: {}, functions: [] };
  const sets = system.postgresAssets.flatMap((asset) => setOf(asset).map((set) => [asset.id, set] as const));
  const probes = Object.fromEntries(sets.map(([id, set]) => [id, JSON.stringify(set)]));
  const allowances = sets.flatMap(([, { probes: pages, logins }]) => [...pages, ...logins].map(({ within }) => durationSeconds(within)));
  return {
    blocks: {
      probe: (to) => probeBlock({ function: system.functionArn(HANDLER), probes }, to),
      allowanceSeconds: Math.max(...allowances) + TIMEOUT_SECONDS,
    },
    functions: [HANDLER],
  };
}
