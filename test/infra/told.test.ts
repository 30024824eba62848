/** Of every machine of both regions, as it is deployed: nobody has to look into the console to learn that it failed, and why. */
import { expect, it } from 'vitest';
import type { State, StateMachineDefinition } from '../../infra/asl/definition.ts';
import { ofType, synthesize, type Template } from './synthesized.ts';
import { levels, targets, type Level } from './workflows/definitions.ts';

/** What tells people: the report of a failure, and what reads the decisions about a request. */
const TELLING = /:function:holdfast-[a-z0-9-]+-(backup-report-failure|approval-confirm-decisions)(-replica)?$/;
/** Ways that are taken only after a report: these variables are assigned by one. */
const AFTER_A_REPORT = /^\{% *(\$told|\$first\.failure != ''|\$not\(\$areRenewed\)|\$resuming\.failed) *%\}$/;

/** Fail states that this finds, each with who knows of it. */
const KNOWN: Record<string, string> = {
  'The request cannot be met': 'whoever started it',
  'This machine cannot do what is asked': 'whoever started it',
  'The request was not approved': 'whoever asked, when it is refused before anybody was asked to approve; later all are told',
  'Some versions are not in escrow': 'each of them was told inside the Map',
  'Some points did not expire': 'each asset whose step failed was told inside the Map, the others are told before it',
  'The restore worked and not all that was stopped is put back': 'the alarm on failed executions',
  'The restore worked and the application does not answer as it should': 'the alarm on failed executions',
  'Something that was stopped is not put back': 'the alarm on failed executions, and whoever started it',
};

const machinesOf = (template: Template): [string, StateMachineDefinition][] =>
  ofType(template, 'AWS::StepFunctions::StateMachine').map(([, { Properties }]) => [
    String(Properties['StateMachineName']),
    JSON.parse(String(Properties['DefinitionString'])) as StateMachineDefinition,
  ]);

const isTelling = (state: State): boolean => {
  const called = state.Type === 'Task' ? state.Arguments['FunctionName'] : undefined;
  return typeof called === 'string' && TELLING.test(called);
};

const untoldTargets = (state: State): string[] =>
  state.Type === 'Choice'
    ? [...state.Choices.filter(({ Condition }) => !AFTER_A_REPORT.test(Condition)).map(({ Next }) => Next), state.Default]
    : targets(state);

/** States that can be come to and nobody was told anything. */
function untold({ startAt, states }: Level): [string, State][] {
  const seen = new Map<string, State>();
  const open = [startAt];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const state = states[name];
    if (state === undefined || seen.has(name) || isTelling(state)) continue;
    seen.set(name, state);
    open.push(...untoldTargets(state));
  }
  return [...seen];
}

const machines = ['ida', 'test/infra/existing-network.yaml'].flatMap((plan) => {
  const { pipeline, recovery } = synthesize(plan);
  return [...machinesOf(pipeline), ...machinesOf(recovery)];
});
const failures = ([machine]: Level[]) => untold(machine!).flatMap(([name, { Type }]) => (Type === 'Fail' ? [name] : []));

it.each(machines)('%s tells of every failure before it ends, but of those that somebody knows of', (_, machine) => {
  expect(failures(levels(machine)).filter((name) => !(name in KNOWN))).toEqual([]);
});

it.each(machines)('%s tells of what fails inside a Map before it counts it', (_, machine) => {
  for (const level of levels(machine).slice(1))
    for (const [name, state] of untold(level))
      expect(/\$\w*[rR]eport\.message/.test(JSON.stringify('Output' in state ? state.Output : '')), name).toBe(false);
});

it('knows of no failure that is told by now', () => {
  expect(machines.length).toBe(24);
  const found = new Set(machines.flatMap(([, machine]) => failures(levels(machine))));
  expect(Object.keys(KNOWN).filter((name) => !found.has(name))).toEqual([]);
});
