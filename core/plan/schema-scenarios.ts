/** What may happen to a system, as a drill that can be asked for by name. */
import * as z from 'zod';
import { DrillCheck } from './schema-drill.ts';
import { Duration, slug } from './schema-parts.ts';

export const Scenario = z
  .strictObject({
    name: slug('a scenario name', 40).describe('Name of the scenario, as `npx holdfast drill --scenario` takes it'),
    kind: z
      .enum(['accidental-deletion', 'environment-failure', 'integration-corruption', 'other'])
      .default('other')
      .describe('What kind of loss it plays'),
    what: z.string().min(10).describe('What happened, in a sentence'),
    assets: z.array(z.string()).min(1).describe('Database assets that are restored'),
    from: z.enum(['vault', 'replica']).default('vault').describe('Which vault is left to restore from'),
    noticedAfter: Duration.optional().describe(
      'How late the damage is noticed: the newest point that is older is restored; the newest of all when absent',
    ),
    checks: z
      .array(
        z
          .strictObject({
            ...DrillCheck.shape,
            asset: z.string().optional().describe('Which asset is asked; may be left out where the scenario has one'),
          })
          .describe('One SQL check of this scenario, beside those of the drill'),
      )
      .default([])
      .describe('What must be found besides what every drill checks'),
  })
  .describe('A loss that is played through by name');
export type Scenario = z.infer<typeof Scenario>;
