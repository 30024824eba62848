/** Reads a definition and refuses, before the run and all at once, whatever in it would not run here as it does in Step Functions. */
import { MachineNotReady } from '../errors.ts';
import { ERROR } from './errors.ts';
import { lintExpressions } from './lint-expressions.ts';
import type { Host } from './host.ts';
import { isDistributed, StateMachine, type Fields, type MapState, type State, type StateGroup } from './language.ts';

export class DefinitionRefused extends MachineNotReady {
  readonly problems: readonly string[];
  constructor(machine: string, problems: readonly string[]) {
    super(
      `The state machine ${machine} cannot run here:\n  ${problems.join('\n  ')}\n`,
      'Change the workflow, or teach local/interpreter what it lacks',
    );
    this.problems = problems;
  }
}

/** What the host can do: a Task or an ItemReader of any other resource is a problem. */
type Able = Pick<Host, 'resources' | 'readers'>;

export function readDefinition(name: string, definition: string, { resources, readers }: Able): StateMachine {
  const parsed = StateMachine.safeParse(JSON.parse(definition));
  if (!parsed.success) {
    throw new DefinitionRefused(
      name,
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    );
  }
  const problems = [...lintGroup(parsed.data, { resources, readers, outerVariables: new Set() }), ...repeatedNames(parsed.data)];
  if (problems.length > 0) throw new DefinitionRefused(name, problems);
  return parsed.data;
}

const LONGEST_NAME = 80;

type Surroundings = Able & { outerVariables: ReadonlySet<string> };

function lintGroup(group: StateGroup, around: Surroundings): string[] {
  const problems: string[] = [];
  const states = Object.entries(group.States);
  const has = (name: string) => Object.hasOwn(group.States, name);
  if (!has(group.StartAt)) problems.push(`StartAt names no state: '${group.StartAt}'`);
  const reached = new Set([group.StartAt, ...states.flatMap(([, state]) => targetsOf(state))]);
  const variables = new Set([...around.outerVariables, ...states.flatMap(([, state]) => assignmentsOf(state).flatMap(Object.keys))]);
  for (const [name, state] of states) {
    const tell = (problem: string) => problems.push(`${name}: ${problem}`);
    if (name.length > LONGEST_NAME) tell(`a state's name has at most ${LONGEST_NAME} characters`);
    if (!reached.has(name)) tell('no state leads to it');
    for (const target of targetsOf(state)) if (!has(target)) tell(`leads to '${target}', which does not exist`);
    for (const problem of [...lintTransition(state), ...lintFailures(state), ...lintFields(state, around)]) tell(problem);
    for (const problem of lintVariables(state, around.outerVariables)) tell(problem);
    lintExpressions(state, tell);
    // The executions of a distributed map see no variable of the one that started them.
    const seenWithin = state.Type === 'Map' && isDistributed(state) ? new Set<string>() : variables;
    for (const inner of groupsOf(state))
      problems.push(...lintGroup(inner, { ...around, outerVariables: seenWithin }).map((problem) => `${name} / ${problem}`));
  }
  return problems;
}

const groupsOf = (state: State): StateGroup[] =>
  state.Type === 'Map' ? [state.ItemProcessor] : state.Type === 'Parallel' ? state.Branches : [];

function targetsOf(state: State): string[] {
  if (state.Type === 'Choice') return [...state.Choices.map((rule) => rule.Next), ...(state.Default === undefined ? [] : [state.Default])];
  const next = 'Next' in state && state.Next !== undefined ? [state.Next] : [];
  return 'Catch' in state ? [...next, ...state.Catch.map((catcher) => catcher.Next)] : next;
}

function assignmentsOf(state: State): Fields[] {
  const rules = state.Type === 'Choice' ? state.Choices : 'Catch' in state ? state.Catch : [];
  return [state, ...rules].flatMap((holder) => ('Assign' in holder && holder.Assign ? [holder.Assign] : []));
}

function lintTransition(state: State): string[] {
  if (state.Type === 'Choice' || state.Type === 'Succeed' || state.Type === 'Fail') return [];
  return (state.Next === undefined) === (state.End === undefined) ? ['has to have either Next or End'] : [];
}

function lintFailures(state: State): string[] {
  const problems: string[] = [];
  for (const field of ['Retry', 'Catch'] as const) {
    const rules = field in state ? (state as { Retry: { ErrorEquals: string[] }[]; Catch: { ErrorEquals: string[] }[] })[field] : [];
    for (const [index, { ErrorEquals }] of rules.entries()) {
      if (!ErrorEquals.includes(ERROR.all)) continue;
      if (ErrorEquals.length > 1) problems.push(`${field}[${index}]: States.ALL has to stand alone`);
      if (index < rules.length - 1) problems.push(`${field}[${index}]: States.ALL has to stand in the last rule`);
    }
  }
  return problems;
}

function lintFields(state: State, { resources, readers }: Surroundings): string[] {
  if (state.Type === 'Wait' && (state.Seconds === undefined) === (state.Timestamp === undefined))
    return ['has to have either Seconds or Timestamp'];
  if (state.Type === 'Map') return lintMap(state, readers);
  if (state.Type !== 'Task') return [];
  const problems = resources.has(state.Resource)
    ? []
    : [`the resource ${state.Resource} does not run here (what does: ${[...resources].join(', ')})`];
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
  if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout)
    problems.push('HeartbeatSeconds has to be less than TimeoutSeconds');
  return problems;
}

function lintMap(state: MapState, readers: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  if (!isDistributed(state))
    for (const field of ['ItemReader', 'ItemBatcher'] as const)
      if (state[field] !== undefined) problems.push(`${field} is for distributed maps`);
  if (state.ItemReader !== undefined && state.Items !== undefined) problems.push('Items and ItemReader exclude each other');
  if (state.ItemReader !== undefined && !readers.has(state.ItemReader.Resource))
    problems.push(`the reader ${state.ItemReader.Resource} does not run here (what does: ${[...readers].join(', ')})`);
  return problems;
}

const VARIABLE_NAME = /^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u;

function lintVariables(state: State, outer: ReadonlySet<string>): string[] {
  return assignmentsOf(state)
    .flatMap(Object.keys)
    .flatMap((name) => {
      if (name === 'states') return ['assigns the reserved variable $states'];
      if (!VARIABLE_NAME.test(name)) return [`'${name}' is no name of a variable`];
      return outer.has(name) ? [`assigns $${name}, which belongs to the scope around it`] : [];
    });
}

function repeatedNames(machine: StateGroup): string[] {
  const names = namesOf(machine);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map((name) => `${name}: two states have this name`);
}

const namesOf = (group: StateGroup): string[] =>
  Object.entries(group.States).flatMap(([name, state]) => [name, ...groupsOf(state).flatMap(namesOf)]);
