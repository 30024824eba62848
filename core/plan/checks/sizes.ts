/** What a plan of many or large assets runs into: the size of environments, of a task definition and of a stack. */
import { assetStackName } from '../../names.ts';
import { assetStackOf } from '../asset-stack.ts';
import { guardedKeys } from '../../escrow/guarded.ts';
import { packRecipients } from '../../escrow/offline/contract.ts';
import { packKeyNeeds } from '../../restore/key-needs.ts';
import type { Finding } from '../finding.ts';
import { finding, keyAssets, postgresAssets, type Rule } from './rule.ts';

/** Lambda's limit for all variables of a function together, and what names, buckets and ARNs take of it. */
const MOST_LAMBDA_BYTES = 4096;
const LAMBDA_RESERVED_BYTES = 1200;
/** ECS's limit for a task definition is 64 KiB; the asset's part of the plan is in it once. */
const MOST_ASSET_PLAN_BYTES = 56 * 1024;
/** CloudFormation's limit for a stack, and what an asset takes of its numbered stack, counted in its template. */
const MOST_RESOURCES = 500;
const RESOURCES = { fixed: 2, postgres: 13, key: 1 } as const;

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

export const checkEnvironmentSizes: Rule = (plan) => {
  const databases = postgresAssets(plan);
  const ids = databases.map(({ asset }) => asset.id);
  const keys = keyAssets(plan).map(({ asset }) => asset);
  const sources = Object.fromEntries(keys.map(({ id, source }) => [id, source]));
  const findings: Finding[] = [];
  const offline = packRecipients(keys.flatMap(({ id, escrow }) => (escrow.offline ? { id, recipients: escrow.offline.recipients } : [])));
  const largest = Math.max(
    bytes(ids.join(',')) + bytes(packKeyNeeds(plan.assets)),
    bytes(sources) + bytes(guardedKeys(keys)),
    bytes(sources) + bytes(offline),
  );
  if (largest > MOST_LAMBDA_BYTES - LAMBDA_RESERVED_BYTES) {
    const problem = `The functions’ environment would need about ${largest + LAMBDA_RESERVED_BYTES} bytes, Lambda allows ${MOST_LAMBDA_BYTES}`;
    findings.push(finding(plan, 'error', ['assets'], problem, 'Split the plan into two systems'));
  }
  for (const { asset, path } of databases) {
    if (bytes(asset) <= MOST_ASSET_PLAN_BYTES) continue;
    const problem = `This asset’s part of the plan has ${bytes(asset)} bytes, its task definition has room for ${MOST_ASSET_PLAN_BYTES}`;
    findings.push(finding(plan, 'error', path, problem, 'Shorten the checks of the drill, or make them views of the database'));
  }
  return findings;
};

export const checkStackSize: Rule = (plan) => {
  const stacks = Map.groupBy(plan.assets, ({ id }) => assetStackOf(id));
  return [...stacks].flatMap(([number, assets]) => {
    const resources = assets.reduce<number>((sum, { kind }) => sum + RESOURCES[kind], RESOURCES.fixed);
    if (resources <= MOST_RESOURCES) return [];
    const problem = `The stack ${assetStackName(plan.system, number)} would need about ${resources} resources, CloudFormation allows ${MOST_RESOURCES}`;
    return [finding(plan, 'error', ['assets'], problem, 'Split the plan into two systems')];
  });
};
