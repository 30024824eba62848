/** What Step Functions checks of the JSONata in a definition when the definition is created. */
import { compile } from './evaluate.ts';
import { EXPRESSION, type Json, type State } from './language.ts';

/** Members of `$states` beside `input` and `context`, which are there everywhere. */
type Offered = 'result' | 'errorOutput';

export function lintExpressions(state: State, tell: (problem: string) => void): void {
  const check = (template: unknown, field: string, offered: readonly Offered[] = []) => {
    for (const [at, source] of expressionsIn(template as Json, field))
      for (const problem of problemsOf(source, offered)) tell(`${at}: ${problem}`);
  };
  const hasResult = state.Type === 'Task' || state.Type === 'Map' || state.Type === 'Parallel';
  for (const [field, value] of Object.entries(state)) {
    if (field === 'Catch' || field === 'Choices' || field === 'ItemProcessor' || field === 'Branches') continue;
    check(value, field, hasResult && (field === 'Assign' || field === 'Output') ? ['result'] : []);
  }
  if (state.Type === 'Choice') state.Choices.forEach((rule, index) => check(rule, `Choices[${index}]`));
  if ('Catch' in state) {
    state.Catch.forEach((catcher, index) => check({ Assign: catcher.Assign, Output: catcher.Output }, `Catch[${index}]`, ['errorOutput']));
  }
}

function expressionsIn(template: Json | undefined, field: string): [field: string, source: string][] {
  if (typeof template === 'string') {
    const source = EXPRESSION.exec(template)?.[1]?.trim();
    return source === undefined ? [] : [[field, source]];
  }
  if (template === null || typeof template !== 'object') return [];
  return Object.entries(template).flatMap(([name, value]) => expressionsIn(value, `${field}/${name}`));
}

function problemsOf(source: string, offered: readonly Offered[]): string[] {
  let tree: unknown;
  try {
    tree = compile(source).ast();
  } catch (error) {
    return [`'${source}' is not JSONata: ${error instanceof Error ? error.message : String((error as { message?: unknown }).message)}`];
  }
  const known: readonly string[] = ['input', 'context', ...offered];
  const problems: string[] = [];
  walk(tree, (node) => {
    if (node['type'] === 'variable' && node['value'] === 'eval') problems.push('$eval is not available in Step Functions; use $parse');
    const [first, second] = Array.isArray(node['steps']) ? (node['steps'] as Node[]) : [];
    if (node['type'] === 'path' && first?.['type'] === 'variable' && first['value'] === 'states' && second?.['type'] === 'name') {
      if (!known.includes(String(second['value'])))
        problems.push(`$states.${String(second['value'])} is not available here (what is: ${known.join(', ')})`);
    }
  });
  return problems;
}

type Node = Record<string, unknown>;

function walk(value: unknown, visit: (node: Node) => void): void {
  if (value === null || typeof value !== 'object') return;
  if (!Array.isArray(value)) visit(value as Node);
  for (const child of Object.values(value)) walk(child, visit);
}
