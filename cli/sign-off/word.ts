/** What people say of a restore, by a signed call, and how what is known of it is shown. */
import { describeSeconds } from '../../core/plan/durations.ts';
import { Note, RestoreRun, SignOffAnswer, type Item, type SignOffRequest } from '../../core/sign-off/contract.ts';
import { PersonName } from '../ask-first.ts';
import type { VaultPlace } from '../connection.ts';
import { instant } from '../output/instant.ts';
import type { Paint } from '../output/paint.ts';
import { FromPlace } from '../place.ts';
import type { Context, Verb } from '../verb.ts';

export const RUN_POSITIONAL: Verb['positionals'][number] = {
  name: 'run',
  help: 'the run of the restore: the restore names it while it waits for somebody, and at its end',
  isRequired: true,
};
export const wordInput = {
  run: RestoreRun,
  note: Note.optional(),
  as: PersonName,
  from: FromPlace,
};

type Who = { from: VaultPlace; as?: string | undefined };

export async function sayWord(context: Context, body: SignOffRequest, { from, as }: Who): Promise<SignOffAnswer> {
  const { call } = await context.connect();
  return SignOffAnswer.parse(await call({ place: from, handler: 'sign-off/take-word', body, as: { role: 'requester', person: as } }));
}

export const isOpen = ({ ticked }: Item): boolean => ticked === undefined;

/** Everything that is left to people, and how each is ticked. */
export function showRestore(answer: SignOffAnswer, paint: Paint): string {
  const { run, asset, point, target, database, kept, undoneBy, droppedBy, items, signed } = answer;
  const label = (name: string, text: string) => `${paint('dim', name.padEnd(10))} ${text}`;
  return [
    label('Restore', `${run}${point === undefined ? ` of ${asset}, which goes on` : ''}`),
    ...(point === undefined ? [] : [label('What', `${asset}/${point}, ${target ?? ''}, in the database ${database ?? ''}`)]),
    ...(undoneBy === undefined
      ? []
      : [label('Undone', `by ${undoneBy}: the old database has its place again, and nothing is left to sign off`)]),
    ...(kept === undefined || undoneBy !== undefined
      ? []
      : droppedBy === undefined
        ? [label('Kept', `${kept}: dropped once the restore is signed off and that is approved`)]
        : [label('Dropped', `${kept}, by ${droppedBy}`)]),
    ...(items.length === 0 ? ['The plan leaves nothing to people'] : items.map((item) => showItem(run, item, paint))),
    ...(signed === undefined ? [] : [label('Signed off', `by ${signed.by} at ${instant(signed.at)}`)]),
  ].join('\n');
}

function showItem(run: string, item: Item, paint: Paint): string {
  const { kind, name, what, when, seconds, part, ticked } = item;
  const title = `${kind === 'check' ? 'look' : kind === 'follow-up' ? 'do' : part === 'stop' ? 'stop' : 'put back'}: ${name}`;
  const more = [...(when === undefined ? [] : [when]), ...(seconds === undefined ? [] : [`about ${describeSeconds(seconds)}`])];
  const lines = [
    `${paint(ticked ? 'green' : 'yellow', ticked ? '✓' : '○')} ${title}${more.length === 0 ? '' : ` (${more.join('; ')})`}`,
    `    ${what}`,
  ];
  if (ticked !== undefined)
    lines.push(paint('dim', `    ${ticked.by} at ${instant(ticked.at)}${ticked.note === undefined ? '' : `: ${ticked.note}`}`));
  else lines.push(`    ${tickCommand(run, item)}`);
  return lines.join('\n');
}

const tickCommand = (run: string, { kind, name, part }: Item): string => {
  const quoted = /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
  return `npx holdfast restore tick ${run} ${quoted} ${kind === 'step' ? (part === 'stop' ? '--stopped' : '--back') : "--note '…'"}`;
};
