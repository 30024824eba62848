import { changeHold, HOLD_EXITS, HOLD_OPTIONS, HOLD_POSITIONALS, HoldWish } from './change-hold.ts';
import { defineVerb } from './verb.ts';

export const holdRelease = defineVerb({
  name: 'hold release',
  summary: 'Release a legal hold of a point in both vaults; the point stays held while another hold stands on it',
  positionals: HOLD_POSITIONALS,
  options: [{ flags: '--name <name>', help: 'name of the hold (default: the only one that stands on the point)' }, ...HOLD_OPTIONS],
  isRemote: true,
  examples: [
    'npx holdfast hold release postgres/20261121T011500Z --name case-17 --reason case-closed',
    'npx holdfast hold release postgres/20261121T011500Z --reason case-closed --output json',
  ],
  exits: HOLD_EXITS,
  input: HoldWish,
  run: (context, wish) => changeHold(context, 'release', wish),
});
