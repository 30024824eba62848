import { parseArgs } from 'node:util';
import { UsageWrong } from '../errors.ts';

export type DemoOptions = {
  /** The checkout. */
  appDir: string;
  version: string;
  source?: string | undefined;
  port?: number | undefined;
  /** Whether the system stays up afterwards. */
  isKept: boolean;
  isQuiet: boolean;
  isJson: boolean;
};

export const DEMO_HELP = `Usage: npm run demo -- [options]

Deploys plans/ida.yaml into an emulator on this machine, escrows a key, backs up a database, restores it in a
drill, lets expire what the plan keeps no longer, restores beside and, approved by somebody else, in place, undoes
that, plays an attacker, and leaves .holdfast/report/index.html.
Nothing outside this machine is reached.

Options:
  --source <address>   protect a database of your own instead of the one that the demo makes; it is only read. Its password
                       comes from PGPASSWORD or a password file (PGPASSFILE, ~/.pgpass); what stands in the address, others see
  --keep               stay up afterwards, for 'npx holdfast list' in another terminal, until ^C; the custodians' sheets are
                       kept until then, so that their part can be tried as docs/custodians.md says
  --port <number>      port of the emulator (default: a free one)
  --output <format>    text or json (default: text); with json the summary goes to standard output as JSON
  --quiet              say nothing but the end: what came of it, and where the evidence is
  --help               show this

Examples:
  npm run demo
  PGPASSFILE=./mine.pgpass npm run demo -- --source postgres://me@127.0.0.1:5432/mine
  npm run -s demo -- --output json --quiet > summary.json

Exit codes:
  0   everything was restored, and every attempt refused
  50  a stage failed, a drill did not pass, or an attempt was not refused
  64  the options or the database cannot be used
  20  it was interrupted; no process and no server is left
  78  something that it needs is missing on this machine; the message says what to do
`;

const HELP = 'npm run demo -- --help';
const HIGHEST_PORT = 65_535;

/** Undefined when help was asked for. Throws UsageWrong with everything that is wrong. */
export function parseDemoOptions(words: readonly string[], fixed: Pick<DemoOptions, 'appDir' | 'version'>): DemoOptions | undefined {
  let values: { source?: string; port?: string; output?: string; keep?: boolean; quiet?: boolean; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...words],
      options: {
        source: { type: 'string' },
        port: { type: 'string' },
        output: { type: 'string' },
        keep: { type: 'boolean' },
        quiet: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }));
  } catch (error) {
    throw new UsageWrong('', [error instanceof Error ? error.message : String(error)], HELP);
  }
  if (values.help) return undefined;
  const port = values.port === undefined ? undefined : Number(values.port);
  const problems = [
    ...(port === undefined || (Number.isInteger(port) && port > 0 && port <= HIGHEST_PORT)
      ? []
      : [`--port is a number from 1 to ${HIGHEST_PORT}`]),
    ...(values.output === undefined || ['text', 'json'].includes(values.output) ? [] : ['--output is text or json']),
  ];
  if (problems.length > 0) throw new UsageWrong('', problems, HELP);
  return {
    ...fixed,
    source: values.source,
    port,
    isKept: values.keep ?? false,
    isQuiet: values.quiet ?? false,
    isJson: values.output === 'json',
  };
}
