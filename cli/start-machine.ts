/** What the four starting verbs share: start a machine, or find a running one again; watch it; end as it ended. */
import { z } from 'zod';
import { APPROVAL } from '../core/approval/steps.ts';
import { FAILURES } from '../core/failure/classes.ts';
import type { FailureName } from '../core/failure/classes.ts';
import { isFailureName } from '../core/failure/exit.ts';
import type { Stage } from '../core/names.ts';
import { READING_EXITS } from './exit-codes.ts';
import { ExecutionFailed, UsageWrong } from './errors.ts';
import type { VaultPlace } from './connection.ts';
import type { CutOff, ExecutionEnd, Machines, StateEvent } from './machines.ts';
import { noProgress, stepProgress } from './output/progress.ts';
import { painter } from './output/paint.ts';
import type { Answer, Context, VerbOption } from './verb.ts';

export const STARTING_OPTIONS: readonly VerbOption[] = [
  { flags: '--detach', help: 'start and do not watch (on AWS)' },
  { flags: '--watch <execution>', help: 'watch an execution that runs or ran, by its ARN, and start nothing (on AWS)' },
  { flags: '--stop-on-interrupt', help: '^C stops the execution itself, not only the watching' },
];

export const startingInput = {
  detach: z.boolean().default(false),
  watch: z.string().startsWith('arn:', 'is the ARN of an execution').optional(),
  stopOnInterrupt: z.boolean().default(false),
};

export const STARTING_EXITS = [
  ...READING_EXITS,
  'StoppedWatching',
  'Interrupted',
  'BadConfiguration',
  'TaskDidNotStart',
  'OutOfMemory',
  'TimedOut',
] as const satisfies readonly ('StoppedWatching' | FailureName)[];

type Wishes = { detach: boolean; watch?: string | undefined; stopOnInterrupt: boolean };
export type Stopped = {
  execution: string;
  startedAt: Date | undefined;
  /** The states that it was in; undefined when they were not watched to its end. */
  entered?: ReadonlySet<string> | undefined;
};
type Describe = { data: Record<string, unknown>; text(paint: Parameters<Answer['text']>[0]): string; exit?: Answer['exit'] };

/**
 * @param parts.from the vault that is read, where a verb has the choice: what reads the replica runs in the second region
 * @param parts.describe what the output of an execution that succeeded means
 * @param parts.sayWaiting what to tell others while an execution waits for them
 * @param parts.whenStopped what an execution that was stopped, or ran out of time, may have left, and what to do about it
 */
export async function startAndWatch(
  context: Context,
  parts: {
    verb: string;
    stage: Stage;
    from?: VaultPlace | undefined;
    input: object;
    wishes: Wishes;
    /** Gives the execution its name: who asks has said so under it. */
    askFirst?: (() => Promise<string>) | undefined;
    describe(output: unknown): Describe | Promise<Describe>;
    sayWaiting?: ((execution: string) => Promise<string | undefined>) | undefined;
    whenStopped?: string | ((stopped: Stopped) => string | Promise<string>) | undefined;
  },
): Promise<Answer> {
  const connection = await context.connect();
  const { machines, where } = parts.from === 'replica' ? connection.recovery : connection;
  const { wishes } = parts;
  if (!machines.outlivesUs && (wishes.detach || wishes.watch !== undefined))
    throw new UsageWrong(parts.verb, [
      '--detach and --watch are for AWS: on this machine an execution lives in the process that started it',
    ]);
  const execution = wishes.watch ?? (await machines.start(parts.stage, parts.input, await parts.askFirst?.()));
  const again = `npx holdfast ${parts.verb} ${parts.from === 'replica' ? '--from replica ' : ''}--watch ${execution}`;
  if (wishes.detach)
    return { data: { execution, status: 'running' }, text: () => `Started in ${where}: ${execution}\nWatch it with: ${again}` };
  context.tell(`${wishes.watch === undefined ? 'Started' : 'Watching'} in ${where}: ${execution}`);

  const entered = new Set<string>();
  const { sayWaiting } = parts;
  const end = await watch(context, machines, execution, { stopOnInterrupt: wishes.stopOnInterrupt, entered, sayWaiting });
  if (end === 'left')
    return {
      data: { execution, status: 'running' },
      text: () => `No longer watching. The execution goes on: ${execution}\nWatch it again with: ${again}`,
      exit: 'StoppedWatching',
    };
  const leftBy = ({ startedAt, isWhole = true }: Pick<CutOff, 'startedAt'> & { isWhole?: boolean }) =>
    typeof parts.whenStopped === 'function'
      ? parts.whenStopped({ execution, startedAt, entered: isWhole ? entered : undefined })
      : parts.whenStopped;
  if (end.status === 'stopped-here') {
    const left = await leftBy(end);
    return {
      data: { execution, status: 'stopped', ...(left === undefined ? {} : { left }) },
      text: () => [`Stopped: ${execution}`, ...(left === undefined ? [] : [left])].join('\n'),
      exit: 'StoppedWatching',
    };
  }
  if (end.status === 'failed') throw failureOf(end, execution);
  if (end.status !== 'succeeded') throw failureOf(end, execution, await leftBy(end));
  const described = await parts.describe(end.output);
  return { data: { execution, status: 'succeeded', ...described.data }, text: (paint) => described.text(paint), exit: described.exit };
}

/** By whoever watched it. */
type StoppedHere = Pick<CutOff, 'startedAt'> & {
  status: 'stopped-here';
  /** Whether it was watched to its end. */
  isWhole: boolean;
};

/** The first ^C stops watching, or the execution where it cannot or should not go on; a second one does not wait for that. */
async function watch(
  context: Context,
  machines: Machines,
  execution: string,
  {
    stopOnInterrupt,
    entered,
    sayWaiting,
  }: {
    stopOnInterrupt: boolean;
    entered: Set<string>;
    sayWaiting: ((execution: string) => Promise<string | undefined>) | undefined;
  },
): Promise<ExecutionEnd | 'left' | StoppedHere> {
  const { frame } = context;
  const stops = stopOnInterrupt || !machines.outlivesUs;
  const watching = new AbortController();
  let stopping: Promise<void> | undefined;
  const removeHandler = frame.onInterrupt(() => {
    if (!stops || stopping !== undefined) watching.abort();
    else {
      context.tell('Stopping the execution; ^C again stops waiting for it');
      stopping = machines.stop(execution, 'Stopped from the command line with ^C');
    }
  });
  const progress = context.isQuiet ? noProgress : stepProgress(frame, painter(frame.stderr, frame.environment));
  let waiting: Promise<void> | undefined;
  const onEvent = (event: StateEvent) => {
    if (event.kind === 'entered') entered.add(event.state);
    progress.show(event);
    if (event.kind === 'entered' && event.state === APPROVAL.ask && !context.isQuiet)
      waiting ??= sayWaiting?.(execution).then((said) => {
        if (said !== undefined) progress.show({ ...event, kind: 'told', detail: said });
      });
  };
  try {
    const end = await machines.watch(execution, { onEvent, signal: watching.signal });
    await waiting;
    await stopping;
    if (stopping !== undefined)
      return {
        status: 'stopped-here',
        startedAt: end !== undefined && 'startedAt' in end ? end.startedAt : undefined,
        isWhole: end !== undefined,
      };
    return end ?? 'left';
  } finally {
    progress.end();
    removeHandler();
  }
}

/** The machines end with the class of the failure as their error and the message as its cause. */
function failureOf(end: Exclude<ExecutionEnd, { status: 'succeeded' }>, execution: string, left?: string): ExecutionFailed {
  const failure = classOf(end);
  const cause = end.cause === '' ? FAILURES[failure].what : end.cause;
  const what = `${cause}${isFailureName(end.error) ? '' : ` (${end.error})`}`;
  return new ExecutionFailed(failure, left === undefined ? what : `${what}. ${left}`, execution);
}

const classOf = (end: Exclude<ExecutionEnd, { status: 'succeeded' }>): FailureName => {
  if (isFailureName(end.error)) return end.error;
  if (end.status === 'timed-out') return 'TimedOut';
  return end.status === 'stopped' ? 'Interrupted' : 'Unexpected';
};
