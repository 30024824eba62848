import { z } from 'zod';
import { BadConfiguration } from '../../core/failure/input-errors.ts';
import { DrillCheck, type PostgresAsset } from '../../core/plan/schema.ts';

/** What each scenario of an asset checks besides what every drill does. */
export const AddedChecks = z.array(z.object({ name: z.string(), checks: z.array(z.object(DrillCheck.shape)) }));

/** @param scenario empty for a plain drill. Throws BadConfiguration: a drill without its checks would pass for one that it is not. */
export function withScenario(asset: PostgresAsset, scenario: string, added: z.infer<typeof AddedChecks>): PostgresAsset {
  if (scenario === '') return asset;
  const own = added.find(({ name }) => name === scenario);
  if (!own) throw new BadConfiguration([`SCENARIOS: it has no scenario ${scenario} of ${asset.id}; deploy the plan again`]);
  return { ...asset, drill: { ...asset.drill, checks: [...asset.drill.checks, ...own.checks] } };
}
