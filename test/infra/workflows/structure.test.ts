import jsonata from 'jsonata';
import { describe, expect, test } from 'vitest';
import { FAILURES } from '../../../core/failure/classes.ts';
import { partOfStep } from '../../../core/failure/restore-parts.ts';
import { DEFINITIONS, allStates, levels, reachableFrom, targets, texts } from './definitions.ts';

const isExpression = (text: string) => text.startsWith('{%');
const body = (text: string) => text.slice(2, -2);

const LEFT_TO_THE_MAP: Record<string, string[]> = {
  backup: ['Copy one batch of parts'],
};
/** One of many points: nobody is asked whether a failure is worth another try, and it keeps no other point waiting. */
const ONCE_MORE = new Set(['Extend the lock of one point', 'Set the holds of its objects']);

describe.each(Object.entries(DEFINITIONS))('the %s machine', (_stage, machine) => {
  const states = allStates(machine);

  test('reaches every state from its start, and leads only to states that exist', () => {
    for (const level of levels(machine)) {
      expect([...reachableFrom(level.startAt, level.states)].sort()).toEqual(Object.keys(level.states).sort());
      for (const [name, state] of Object.entries(level.states))
        for (const target of targets(state)) expect(level.states, `${name} leads to ${target}`).toHaveProperty([target]);
    }
  });

  test('has state names that are sentences, each used once, short enough for Step Functions', () => {
    const names = states.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      expect(name).toMatch(/^[A-Z][a-z]+ [a-z ]+$/);
      expect(name.length).toBeLessThanOrEqual(80);
    }
  });

  test('gives every Task and itself a time-out', () => {
    expect(machine.TimeoutSeconds).toBeGreaterThan(3600);
    for (const [name, state] of states)
      if (state.Type === 'Task') {
        if (typeof state.TimeoutSeconds === 'number') expect(state.TimeoutSeconds, name).toBeGreaterThan(0);
        else expect(state.TimeoutSeconds, name).toContain('$deadline');
      }
  });

  test('catches every failure of every step, or leaves it to the Map around it', () => {
    const uncaught = states
      .filter(([, state]) => (state.Type === 'Task' || state.Type === 'Map') && state.Catch === undefined)
      .map(([name]) => name);
    expect(uncaught).toEqual(LEFT_TO_THE_MAP[_stage] ?? []);
    for (const [name, state] of states)
      if ((state.Type === 'Task' || state.Type === 'Map') && state.Catch !== undefined)
        expect(state.Catch.at(-1)?.ErrorEquals, name).toEqual(['States.ALL']);
  });

  test('leads every caught failure of the machine to a Fail state', () => {
    for (const [name, state] of Object.entries(machine.States))
      if (state.Type === 'Task' || state.Type === 'Map')
        for (const catcher of state.Catch ?? []) {
          const ends = [...reachableFrom(catcher.Next, machine.States)].map((end) => machine.States[end]?.Type);
          expect(ends, name).toContain('Fail');
        }
  });

  test('ends in Succeed or Fail only; every Fail has a class and a cause', () => {
    for (const [name, state] of Object.entries(machine.States)) {
      expect('End' in state, `${name} ends without saying how`).toBe(false);
      if (state.Type === 'Fail') {
        expect(state.Error, name).toMatch(/\w/);
        expect(isExpression(state.Cause), name).toBe(true);
        if (!isExpression(state.Error)) expect(FAILURES).toHaveProperty([state.Error]);
      }
    }
  });

  test('retries faults of the services with jitter, and no failure of ours', () => {
    for (const [name, state] of states)
      if (state.Type === 'Task') {
        expect(state.Retry?.length, name).toBe(ONCE_MORE.has(name) ? 2 : 1);
        for (const retrier of (state.Retry ?? []).slice(0, 1)) {
          expect(retrier.JitterStrategy).toBe('FULL');
          if (state.Resource.includes('ecs:runTask')) expect(retrier.ErrorEquals, name).toContain('AmazonECS.Unknown');
          expect(retrier.ErrorEquals.every((error) => /^(Lambda|ECS|AmazonECS|StepFunctions)\./.test(error))).toBe(true);
        }
      }
  });

  test('is JSONata that parses, and reads only variables that are assigned', () => {
    const assigned = new Set(['states']);
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        if (key === 'Assign') for (const name of Object.keys(inner as object)) assigned.add(name);
        collect(inner);
      }
    };
    collect(machine);
    for (const { path, text } of texts(machine).filter((found) => isExpression(found.text))) {
      expect(text.endsWith('%}'), path).toBe(true);
      expect(() => jsonata(body(text)), `${path}: ${text}`).not.toThrow();
      const unquoted = body(text).replaceAll(/"[^"]*"|'[^']*'/g, '');
      for (const [, name = ''] of unquoted.matchAll(/\$([a-zA-Z]+)(?!\w|\()/g)) expect(assigned, `${path} reads $${name}`).toContain(name);
    }
  });

  test('names no field of JSONPath', () => {
    const text = JSON.stringify(machine);
    for (const field of ['InputPath', 'OutputPath', 'ResultPath', 'ResultSelector', 'Parameters', 'ItemsPath', '.$"'])
      expect(text).not.toContain(field);
  });

  test('does not keep names of what is outside a Map for what is inside, unless that is an execution of its own', () => {
    const [outer, ...inner] = levels(machine, 'inline').map(
      ({ states: own }) => new Set(Object.values(own).flatMap((state) => ('Assign' in state ? Object.keys(state.Assign ?? {}) : []))),
    );
    for (const names of inner) for (const name of names) expect(outer, name).not.toContain(name);
  });
});

test('of every step of the restore machine it is known what is there when it fails', () => {
  const steps = Object.entries(DEFINITIONS.restore.States).filter(([name, { Type }]) => Type === 'Task' && name !== 'Report the failure');
  expect(steps.length).toBeGreaterThan(20);
  for (const [name] of steps) expect(partOfStep(name), name).toBeDefined();
});

test('tasks of ECS get ids and little more, under the role and in the network of their task definition', () => {
  for (const [stage, machine] of Object.entries(DEFINITIONS))
    for (const [name, state] of allStates(machine)) {
      if (state.Type !== 'Task' || !state.Resource.includes('ecs:')) continue;
      const overrides = state.Arguments['Overrides'] as { ContainerOverrides: Record<string, unknown>[] };
      expect(Object.keys(overrides), name).toEqual(['ContainerOverrides']);
      for (const container of overrides.ContainerOverrides) {
        expect(Object.keys(container).sort()).toEqual(['Environment', 'Name']);
        const names = (container['Environment'] as { Name: string }[]).map((variable) => variable.Name);
        const known = [
          'POINT',
          'CLAIM',
          'TRY',
          'RUN',
          'LAST_POINT',
          'SAFETY',
          'FROM',
          'DATABASE',
          'SELECTION',
          'SCENARIO',
          'PHASE',
          'TARGET',
          'OF',
        ];
        for (const variable of names) expect(known, stage).toContain(variable);
      }
      expect(state.Arguments['NetworkConfiguration']).toMatchObject({ AwsvpcConfiguration: { AssignPublicIp: 'DISABLED' } });
    }
});
