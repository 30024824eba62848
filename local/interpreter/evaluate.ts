/** Templates: JSON in which a string `{% … %}` stands for what its JSONata yields. An expression that yields nothing is an error. */
import jsonata, { type Expression } from 'jsonata';
import { ERROR, StateFailed } from './errors.ts';
import { addFunctions } from './functions.ts';
import type { Clock } from './host.ts';
import { EXPRESSION, type Json } from './language.ts';

/** What `$states` holds where the expression stands, and the variables in scope. */
export type Scope = { states: StatesVariable; variables: Readonly<Record<string, Json>>; clock: Pick<Clock, 'now'> };
export type StatesVariable = { input: Json; context: Json; result?: Json; errorOutput?: Json };

const compiled = new Map<string, Expression>();

/** Throws what the JSONata parser throws. */
export function compile(source: string): Expression {
  const known = compiled.get(source);
  if (known) return known;
  const expression = addFunctions(jsonata(source));
  compiled.set(source, expression);
  return expression;
}

/** @param field where the template stands, such as `Arguments`; it is named in the cause of an error */
export async function evaluate(template: Json, scope: Scope, field: string): Promise<Json> {
  if (typeof template === 'string') return evaluateText(template, scope, field);
  if (Array.isArray(template)) return Promise.all(template.map((item, index) => evaluate(item, scope, `${field}[${index}]`)));
  if (template === null || typeof template !== 'object') return template;
  const entries = Object.entries(template).map(async ([name, value]) => [name, await evaluate(value, scope, `${field}/${name}`)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function evaluateText(text: string, scope: Scope, field: string): Promise<Json> {
  const source = EXPRESSION.exec(text)?.[1]?.trim();
  if (source === undefined) return text;
  const where = `The JSONata expression '${source}' specified for the field '${field}'`;
  let value: unknown;
  try {
    value = await compile(source).evaluate(undefined, {
      // The time of an expression is that of its execution.
      millis: () => scope.clock.now().getTime(),
      ...scope.variables,
      states: scope.states,
    });
  } catch (error) {
    throw new StateFailed(ERROR.query, `${where} threw an error during evaluation. ${messageOf(error)}`, { cause: error });
  }
  if (value === undefined) throw new StateFailed(ERROR.query, `${where} returned nothing (undefined).`);
  // Sequences of JSONata carry marks of their own; only JSON leaves an expression.
  const json = JSON.stringify(value, refuseFunctions(where)) as string | undefined;
  if (json === undefined) throw new StateFailed(ERROR.query, `${where} returned an unsupported result type.`);
  return JSON.parse(json) as Json;
}

const refuseFunctions = (where: string) => (_name: string, value: unknown) => {
  const isLambda = typeof value === 'object' && value !== null && ('_jsonata_lambda' in value || '_jsonata_function' in value);
  if (typeof value === 'function' || isLambda) throw new StateFailed(ERROR.query, `${where} returned an unsupported result type.`);
  return value;
};

const messageOf = (error: unknown) =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);

/** The value of a field that wants a number or one kind of JSON. Throws States.QueryEvaluationError when it is another. */
export async function evaluateAs<T extends Json>(
  template: Json,
  scope: Scope,
  field: string,
  expected: string,
  is: (value: Json) => value is T,
): Promise<T> {
  const value = await evaluate(template, scope, field);
  if (is(value)) return value;
  throw new StateFailed(
    ERROR.query,
    `The field '${field}' returned an unexpected result type. Expected '${expected}', but was '${Array.isArray(value) ? 'array' : typeof value}'.`,
  );
}

export const isBoolean = (value: Json): value is boolean => typeof value === 'boolean';
export const isText = (value: Json): value is string => typeof value === 'string';
export const isArray = (value: Json): value is Json[] => Array.isArray(value);
export const isWholeNumber = (value: Json): value is number => Number.isInteger(value) && (value as number) >= 0;
