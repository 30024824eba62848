import { changeHold, HOLD_EXITS, HOLD_OPTIONS, HOLD_POSITIONALS, HoldWish } from './change-hold.ts';
import { defineVerb } from './verb.ts';

export const holdAdd = defineVerb({
  name: 'hold add',
  summary: 'Put a legal hold on a point in both vaults: it stays, whatever the plan says, until every hold on it is released',
  positionals: HOLD_POSITIONALS,
  options: [{ flags: '--name <name>', help: 'name of the hold, such as a case number (default: made from the run)' }, ...HOLD_OPTIONS],
  isRemote: true,
  examples: [
    'npx holdfast hold add postgres/20261121T011500Z --reason litigation-2026-17 --name case-17',
    'npx holdfast hold add latest --reason incident-review --by legal@example.org',
    'npx holdfast hold add postgres/20261121T011500Z --reason litigation-2026-17 --name case-17 --only replica',
  ],
  exits: HOLD_EXITS,
  input: HoldWish,
  run: (context, wish) => changeHold(context, 'add', wish),
});
