import { Command, InvalidArgumentError } from 'commander';
import { DEFAULT_STATE } from './place.ts';

export const SECTIONS = [
  'backup',
  'restore',
  'verify',
  'growth',
  'shaped',
  'limits',
  'profile',
  'functions',
  'synthesis',
  'first-byte',
  'retention',
  'pages',
  'prices',
] as const;
export type Section = (typeof SECTIONS)[number];

export type BenchOptions = {
  command: 'run' | 'setup' | 'report';
  scale: number;
  rounds: number;
  sections: readonly Section[];
  /** Names of tools; all that are installed when empty. */
  tools: readonly string[];
  setUpFirst: boolean;
  stateDir: string;
  outputDir: string;
};

const number = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It is a number above 0.');
  return value;
};

export function readOptions(args: readonly string[]): BenchOptions {
  const program = new Command('npm run bench --')
    .description('Measures Holdfast beside the backup tools that are installed here, on the same PostgreSQL and the same S3 server.')
    .argument('[command]', '`run` measures, `setup` installs what is missing, `report` prints what was measured before', 'run')
    .option('--scale <number>', 'size of the database; 1 is 2.4 GB', number, 1)
    .option('--rounds <number>', 'times that each tool runs; the table has medians', number, 3)
    .option('--only <names>', `what to measure, with commas: ${SECTIONS.join(', ')}, or names of tools`, '')
    .option('--setup', 'installs what is missing before it measures', false)
    .option('--state <directory>', 'where databases and results are kept', DEFAULT_STATE)
    .option('--output <directory>', 'where bench.json and images/bench.svg are written', 'docs')
    .addHelpText(
      'after',
      '\nResults are kept: what is measured again replaces its row, and the report is of all rows. See docs/performance.md.',
    );
  program.parse([...args], { from: 'user' });
  const given = program.opts<{ scale: number; rounds: number; only: string; setup: boolean; state: string; output: string }>();
  const [command = 'run'] = program.processedArgs as string[];
  if (command !== 'run' && command !== 'setup' && command !== 'report') program.error(`There is no command '${command}'`);
  const names = given.only.split(',').filter(Boolean);
  const sections = SECTIONS.filter((section) => names.includes(section));
  const tools = names.filter((name) => !(SECTIONS as readonly string[]).includes(name));
  return {
    command: command as BenchOptions['command'],
    scale: given.scale,
    rounds: Math.ceil(given.rounds),
    sections: sections.length > 0 ? sections : tools.length > 0 ? ['backup', 'restore', 'verify'] : SECTIONS,
    tools,
    setUpFirst: given.setup,
    stateDir: given.state,
    outputDir: given.output,
  };
}
