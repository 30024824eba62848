/** Somebody says that something is done: what of a restore that is, or why it is nothing of it. Pure. */
import type { Caller } from '../approval/caller.ts';
import type { StoppingPaper } from '../quiesce/contract.ts';
import type { Item, SignOffRequest } from './contract.ts';
import { NotSignable } from './errors.ts';
import { stepTickKey, tickKey, type Tick } from './records.ts';

type Of = { system: string; asset: string; items: readonly Item[]; stopping: readonly StoppingPaper[] };
type Wish = Extract<SignOffRequest, { action: 'tick' }>;

/** Throws NotSignable. Of two items of one name the one that is open is meant. */
export function chooseTick({ system, asset, items, stopping }: Of, wish: Wish, by: Caller, at: Date): { key: string; tick: Tick } {
  const { run, name, part, note, tookSeconds } = wish;
  const named = items.filter((item) => item.name === name && item.part === part);
  const item = named.find(({ ticked }) => ticked === undefined) ?? named[0];
  const say = `Look at what is open: npx holdfast restore tick ${run}`;
  if (item === undefined) throw notThere(items, wish, say);
  if (item.ticked !== undefined) throw new NotSignable(`${item.ticked.by} has ticked ${name} at ${item.ticked.at}`, say);
  if (item.kind !== 'step' && note === undefined)
    throw new NotSignable(`${name}: a note says what was seen or done`, `npx holdfast restore tick ${run} '${name}' --note '…'`);
  if (item.kind !== 'follow-up' && tookSeconds !== undefined)
    throw new NotSignable(`${name} is no follow-up: its time is not counted`, say);
  const of = { system, asset, run };
  const number = items.filter(({ kind }) => kind === item.kind).indexOf(item);
  const key =
    item.kind === 'step'
      ? stepTickKey(of, stopping.find(({ step }) => step.name === name)?.number ?? 0, item.part ?? 'stop')
      : tickKey(of, item.kind, number);
  return {
    key,
    tick: {
      format: 'holdfast/tick/v1',
      run,
      kind: item.kind,
      name,
      ...(item.part === undefined ? {} : { part: item.part }),
      ...(tookSeconds === undefined ? {} : { tookSeconds }),
      ...(note === undefined ? {} : { note }),
      by,
      at: at.toISOString(),
    },
  };
}

const FLAGS = { stop: '--stopped', start: '--back' } as const;

function notThere(items: readonly Item[], { run, name, part }: Wish, say: string): NotSignable {
  const [same] = items.filter((item) => item.name === name);
  if (same?.part !== undefined && part === undefined)
    return new NotSignable(`${name} is stopped and put back: say which`, `npx holdfast restore tick ${run} ${name} ${FLAGS[same.part]}`);
  if (same?.kind === 'step' && part === 'start')
    return new NotSignable(`Nobody has said yet that ${name} was stopped`, `npx holdfast restore tick ${run} ${name} --stopped`);
  if (same !== undefined) return new NotSignable(`${name} is nothing that is stopped or put back`, say);
  const names = [...new Set(items.map((item) => item.name))].join(', ');
  return new NotSignable(
    `The restore ${run} leaves nothing to people that is called ${name}`,
    names === '' ? 'It leaves nothing to people at all' : `There is: ${names}`,
  );
}
