import { readFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { splitNewIdentity } from '../../adapters/escrow/offline/secret-sharing.ts';
import { runDemoCommand } from '../../cli/demo/command.ts';
import { holdDemoCeremony, planWithCustodians } from '../../cli/demo/hold-ceremony.ts';
import { createNarrator } from '../../cli/demo/narrator.ts';
import { parsePlan } from '../../core/plan/load.ts';

function makeFrame(words: readonly string[] = []) {
  const told = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof told) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        told[name] += chunk.toString();
        done();
      },
    });
  const frame = {
    arguments: words,
    environment: {},
    workingDirectory: process.cwd(),
    stdin: Readable.from([]),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    now: () => new Date(),
    onInterrupt: () => () => undefined,
  };
  return { frame, told };
}

const demo = async (words: readonly string[]) => {
  const { frame, told } = makeFrame(words);
  return { code: await runDemoCommand(frame, { appDir: '.', version: '0.0.0' }), ...told };
};

test.each([[['--prot', '5432']], [['--port', 'many']], [['--output', 'xml']], [['now']]])(
  '%j is answered with where the help of the demo is',
  async (words) => {
    const { code, stdout, stderr } = await demo(words);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toContain('npm run demo -- --help');
    expect(stderr).not.toContain('npx holdfast');
  },
);

test('the example for JSON keeps the banner of npm out of the file', async () => {
  const { code, stdout } = await demo(['--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('npm run -s demo -- --output json --quiet > summary.json');
});

test('whoever asks for quiet is told the end, and what failed, and nothing else', () => {
  const { frame, told } = makeFrame();
  const narrator = createNarrator(frame, true);
  narrator.stage('a stage');
  narrator.note('a note');
  narrator.done('a tick');
  narrator.say('a table');
  narrator.failed('a failure');
  narrator.end('the end');
  expect(told).toEqual({ stdout: '', stderr: '  ✗ a failure\nthe end\n' });
});

test('the plan of the demo keeps its own recipients and how long a proof counts, and has the custodians besides', async () => {
  const text = readFileSync('plans/ida.yaml', 'utf8');
  const custody = await holdDemoCeremony(createNarrator(makeFrame().frame, true));
  const offlineOf = (planText: string) =>
    parsePlan(planText, 'plan.yaml').assets.flatMap((asset) => (asset.kind === 'key' ? [asset.escrow.offline] : []));
  expect(offlineOf(planWithCustodians(text, custody))).toEqual([{ recipients: [custody.recipient], proofValid: 'P12M' }]);

  const own = (await splitNewIdentity(2, 2)).recipient;
  const plan = parse(text) as { assets: { kind: string; escrow: object }[] };
  for (const asset of plan.assets)
    if (asset.kind === 'key') asset.escrow = { ...asset.escrow, offline: { recipients: [own], proofValid: 'P3M' } };
  expect(offlineOf(planWithCustodians(stringify(plan), custody))).toEqual([{ recipients: [own, custody.recipient], proofValid: 'P3M' }]);
});
