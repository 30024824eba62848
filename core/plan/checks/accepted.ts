/** A target that a drill changed is published, and agreed once somebody has accepted it. */
import { describeSeconds } from '../durations.ts';
import { staleAcceptances, unacceptedObjectives } from '../objectives.ts';
import { allAssets, finding, type Rule } from './rule.ts';

export const checkAccepted: Rule = (plan) =>
  allAssets(plan).flatMap(({ asset, path }) => [
    ...staleAcceptances(asset.objectives).map(({ objective, seconds }) =>
      finding(
        plan,
        'warning',
        [...path, 'objectives', 'accepted', objective],
        `${describeSeconds(seconds)} were accepted, and the target is ${asset.objectives[objective]}: it was made shorter since, and counts alone`,
        `Remove \`accepted.${objective}\`, and \`measured.${objective}\` with it, or write the target that is meant`,
      ),
    ),
    ...unacceptedObjectives(asset.objectives).map(({ objective, seconds, was }) =>
      finding(
        plan,
        'warning',
        [...path, 'objectives', objective],
        `A drill measured ${describeSeconds(seconds)}, so that this replaced ${was}; nobody has accepted it`,
        'Once the owner agrees: `npx holdfast objectives --write --accepted-by <name>`',
      ),
    ),
  ]);
