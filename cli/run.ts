/** One run of the command line: from the words typed to an exit code. */
import { CommanderError } from 'commander';
import { z } from 'zod';
import { explainPassedOver, findAwsVariable, openConnection } from './connect.ts';
import type { Connection } from './connection.ts';
import { UsageWrong } from './errors.ts';
import { exitCode } from './exit-codes.ts';
import type { Frame } from './frame.ts';
import { findLocalSystem, LOCAL_DIRECTORY, requireLocalSystem } from './local-system.ts';
import { describeFailure, failureText } from './output/failure.ts';
import { painter } from './output/paint.ts';
import { findPlanFile, loadPlanFile } from './plan-file.ts';
import { buildProgram } from './program.ts';
import type { CommonOptions } from './program.ts';
import type { Context, Verb } from './verb.ts';

const Common = z.object({
  plan: z.string().optional(),
  output: z.enum(['text', 'json'], { error: 'is text or json' }).default('text'),
  quiet: z.boolean().default(false),
  local: z.boolean().default(false),
  profile: z.string().optional(),
});

/**
 * Answers with the exit code; it never throws.
 * @param localDirectory where a system on this machine is announced
 */
export async function runCommandLine(
  frame: Frame,
  verbs: readonly Verb[],
  version: string,
  localDirectory = LOCAL_DIRECTORY,
): Promise<number> {
  let code = 0;
  const program = buildProgram(verbs, version, frame, async (verb, input, common) => {
    code = await perform({ frame, localDirectory, version }, verb, input, common);
  });
  try {
    if (frame.arguments.length === 0) program.outputHelp();
    else await program.parseAsync([...frame.arguments], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return tellFailure(
      frame,
      error instanceof CommanderError ? inOurWords(error, frame.arguments, verbs) : error,
      asksForJson(frame.arguments),
    );
  }
}

type Opened = { system: string; connection: Connection };
type Surroundings = { frame: Frame; localDirectory: string; version: string };

async function perform(
  surroundings: Surroundings,
  verb: Verb,
  given: Record<string, unknown>,
  commonGiven: CommonOptions,
): Promise<number> {
  const { frame } = surroundings;
  const isJson = commonGiven.output === 'json';
  const opened: Opened[] = [];
  try {
    const input = verb.input.safeParse(given);
    const common = Common.safeParse(commonGiven);
    const issues = [...(input.error?.issues ?? []), ...(common.error?.issues ?? [])];
    if (!input.success || !common.success)
      throw new UsageWrong(
        verb.name,
        issues.map((issue) => sayIssue(verb, issue, given)),
      );
    if (verb.leavesNoTraces) {
      const { beginWithoutTraces } = await import('./escrow/without-traces.ts');
      const code = await beginWithoutTraces(frame);
      if (code !== undefined) return code;
    }
    const context = createContext(surroundings, common.data, opened);
    const answer = await verb.run(context, input.data as never);
    frame.stdout.write(`${isJson ? JSON.stringify(answer.data, null, 2) : answer.text(painter(frame.stdout, frame.environment))}\n`);
    return exitCode(answer.exit ?? 'Done');
  } catch (error) {
    return tellFailure(frame, error, isJson);
  } finally {
    for (const { connection } of opened) await connection.close();
  }
}

function createContext({ frame, localDirectory, version }: Surroundings, common: z.output<typeof Common>, opened: Opened[]): Context {
  const { environment, workingDirectory } = frame;
  const isLocal = common.local && common.profile === undefined;
  const planOfSystem = isLocal ? () => requireLocalSystem(localDirectory).planPath : undefined;
  const parts = { frame, wishes: common, localDirectory };
  // Where there is a choice of plans and nothing asks for AWS, the system that runs here is meant, as it is by `--local`.
  const orElse = () =>
    common.profile !== undefined || findAwsVariable(frame) !== undefined ? undefined : findLocalSystem(localDirectory)?.planPath;
  const planFile = () =>
    findPlanFile(common.plan, environment, workingDirectory, {
      planOfSystem,
      orElse,
      passedOver: () => explainPassedOver(parts),
    });
  let loaded: ReturnType<Context['plan']> | undefined;
  const plan = () => (loaded ??= loadPlanFile(planFile(), workingDirectory));
  const tellLine = (line: string) => {
    if (!common.quiet) frame.stderr.write(`${line}\n`);
  };
  return {
    frame,
    version,
    isQuiet: common.quiet,
    planFile,
    plan,
    tell: tellLine,
    async connect(of = plan()) {
      const already = opened.find(({ system }) => system === of.system);
      if (already) return already.connection;
      const passedOver = explainPassedOver(parts, of.system);
      if (passedOver !== undefined) tellLine(passedOver);
      const connection = await openConnection(of, parts);
      opened.push({ system: of.system, connection });
      return connection;
    },
  };
}

export function tellFailure(frame: Frame, error: unknown, isJson: boolean): number {
  const told = describeFailure(error);
  const text = isJson ? JSON.stringify({ error: told }, null, 2) : failureText(error, painter(frame.stderr, frame.environment));
  frame.stderr.write(`${text}\n`);
  return told.exitCode;
}

/** `--limit must be …`, `<point> is missing`. */
function sayIssue(verb: Verb, issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  // About several words at once.
  if (issue.path.length === 0) return issue.message;
  const name = String(issue.path[0]);
  const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const called = verb.positionals.some((positional) => positional.name === name) ? `<${name}>` : `--${flag}`;
  const isMissing = issue.code === 'invalid_type' && given[name] === undefined;
  return `${called} ${isMissing ? 'is missing' : issue.message}`;
}

function inOurWords(error: CommanderError, words: readonly string[], verbs: readonly Verb[]): UsageWrong {
  const first = words.find((word) => !word.startsWith('-')) ?? '';
  const named = verbs.filter((verb) => verb.name.split(' ')[0] === first).map((verb) => verb.name);
  // A group without its verb: commander would print the group's help as an error.
  if (error.code === 'commander.help')
    return new UsageWrong(first, [`'${first}' is not whole: ${named.map((name) => `\`holdfast ${name}\``).join(', ')}`]);
  const message = error.message.replace(/^error: /, '').replace(/\n\(Did you mean (.*)\?\)$/, ' (did you mean $1?)');
  return new UsageWrong(named.length > 0 ? first : '', [message]);
}

/** For words that cannot be parsed: the wish for JSON is looked for all the same. */
export const asksForJson = (words: readonly string[]) => words.includes('--output=json') || words[words.indexOf('--output') + 1] === 'json';
