/** The verbs as commander's commands. What a command does is handed in, so that a test can parse the examples of every help. */
import { Command } from 'commander';
import { describeExits } from './exit-codes.ts';
import type { Frame } from './frame.ts';
import type { Verb } from './verb.ts';

export type Perform = (verb: Verb, input: Record<string, unknown>, common: CommonOptions) => Promise<void> | void;

export type CommonOptions = { plan?: string; output?: string; quiet?: boolean; local?: boolean; profile?: string };

const COMMON: readonly [flags: string, help: string][] = [
  ['--plan <file>', 'the protection plan (default: HOLDFAST_PLAN, else the only one in plans/, else that of the system that runs here)'],
  [
    '--output <format>',
    'text or json; with json a failure is JSON on standard error, behind what is told on the way unless --quiet is given',
  ],
  ['--quiet', 'nothing but the answer'],
];
const REMOTE: readonly [flags: string, help: string][] = [
  [
    '--local',
    'the system that runs on this machine (default while one runs, and nothing asks for AWS: --profile, or AWS_… in the environment)',
  ],
  ['--profile <name>', 'the AWS profile to use'],
];
/** Words that are no verb by themselves. */
const GROUPS: Readonly<Record<string, string>> = {
  plan: 'Check a protection plan before it is deployed, and review it when that is due',
  hold: 'Put points under a legal hold, list the holds, and release them',
  evidence: 'Signed records: the keys that sign, copies, exports, and the check of all of it',
};
const COMMON_NAMES = new Set(['plan', 'output', 'quiet', 'local', 'profile']);

export function buildProgram(verbs: readonly Verb[], version: string, frame: Pick<Frame, 'stdout'>, perform: Perform): Command {
  const program = new Command('holdfast')
    .description('Backups that are proven by restoring them. Each verb has a --help with examples and exit codes.')
    .version(version)
    .helpCommand(false)
    .enablePositionalOptions();
  const groups = new Map<string, Command>();
  for (const verb of verbs) addVerb(parentOf(program, groups, verb), verb, perform);
  for (const command of allCommands(program)) {
    command.exitOverride().showHelpAfterError(false).allowExcessArguments(false);
    // In lists as in the usage: commander knows no word as required.
    command.configureHelp({ subcommandTerm: (inner) => `${inner.name()} ${inner.usage()}` });
    // Errors are told by the caller, in one form with all others.
    command.configureOutput({ writeOut: (text) => frame.stdout.write(text), writeErr: () => undefined, outputError: () => undefined });
  }
  return program;
}

/** `plan check` is a command of the command `plan`. */
function parentOf(program: Command, groups: Map<string, Command>, verb: Verb): Command {
  const [group, inner] = verb.name.split(' ');
  if (group === undefined || inner === undefined) return program;
  const known = groups.get(group) ?? program.commands.find((command) => command.name() === group);
  // A verb of its own besides (`escrow` and `escrow export`): what stands behind the second word is the second verb's.
  if (known) return known.enablePositionalOptions();
  const made = program
    .command(group)
    .description(GROUPS[group] ?? '')
    .helpCommand(false);
  groups.set(group, made);
  return made;
}

function addVerb(parent: Command, verb: Verb, perform: Perform): void {
  const command = parent
    .command(verb.name.split(' ').at(-1) ?? verb.name)
    .summary(verb.summary)
    .description(verb.summary);
  // Whether a word is missing is the schema's to say, together with all else that is wrong.
  for (const { name, help } of verb.positionals) command.argument(`[${name}]`, help);
  command.usage([...verb.positionals.map(({ name, isRequired }) => (isRequired ? `<${name}>` : `[${name}]`)), '[options]'].join(' '));
  for (const { flags, help, isRepeatable } of verb.options)
    if (isRepeatable) command.option<string[] | undefined>(flags, help, (value, before) => [...(before ?? []), value]);
    else command.option(flags, help);
  for (const [flags, help] of [...COMMON, ...(verb.isRemote ? REMOTE : [])]) command.option(flags, help);
  command.addHelpText(
    'after',
    `\nExamples:\n${verb.examples.map((example) => `  ${example}`).join('\n')}\n\nExit codes:\n${describeExits(verb.exits)}`,
  );
  command.action(async (...given: unknown[]) => {
    const words = given.slice(0, verb.positionals.length);
    const positionals = verb.positionals.flatMap(({ name }, index) => (words[index] === undefined ? [] : [[name, words[index]]]));
    const options = Object.entries(command.opts<Record<string, unknown>>());
    const own = options.filter(([name]) => !COMMON_NAMES.has(name));
    const common = Object.fromEntries(options.filter(([name]) => COMMON_NAMES.has(name))) as CommonOptions;
    await perform(verb, Object.fromEntries([...positionals, ...own]), common);
  });
}

const allCommands = (command: Command): Command[] => [command, ...command.commands.flatMap(allCommands)];
