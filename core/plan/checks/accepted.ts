/** A target that a drill changed is published, and agreed once somebody has accepted it. */
import { describeSeconds } from '../durations.ts';
import { unacceptedObjectives } from '../objectives.ts';
import { allAssets, finding, type Rule } from './rule.ts';

export const checkAccepted: Rule = (plan) =>
  allAssets(plan).flatMap(({ asset, path }) =>
    unacceptedObjectives(asset.objectives).map(({ objective, seconds, was }) =>
      finding(
        plan,
        'warning',
        [...path, 'objectives', objective],
        `A drill measured ${describeSeconds(seconds)}, so that this replaced ${was}; nobody has accepted it`,
        'Once the owner agrees: `npx holdfast objectives --write --accepted-by <name>`',
      ),
    ),
  );
