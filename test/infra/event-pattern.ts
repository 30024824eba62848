/** Whether EventBridge would take an event: the part of its patterns that is used here. What it does not know is an error. */
type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

export function takes(pattern: Json, event: Json | undefined): boolean {
  if (Array.isArray(pattern)) return pattern.some((one) => takesValue(one, event));
  if (typeof pattern !== 'object' || pattern === null) throw new Error(`a pattern is no ${JSON.stringify(pattern)}`);
  return Object.entries(pattern).every(([name, inner]) => {
    if (name === '$or') return (inner as Json[]).some((alternative) => takes(alternative, event));
    if (name.startsWith('$')) throw new Error(`${name} is not known here`);
    return takes(inner, fieldOf(event, name));
  });
}

const fieldOf = (event: Json | undefined, name: string): Json | undefined =>
  typeof event === 'object' && event !== null && !Array.isArray(event) ? event[name] : undefined;

function takesValue(rule: Json, value: Json | undefined): boolean {
  if (typeof rule !== 'object' || rule === null) return Array.isArray(value) ? value.includes(rule) : value === rule;
  const [[operator, operand] = ['', null], ...more] = Object.entries(rule);
  if (more.length > 0) throw new Error('a rule has one operator');
  if (operator === 'prefix') return typeof value === 'string' && value.startsWith(operand as string);
  if (operator === 'exists') return (value !== undefined) === operand;
  throw new Error(`${operator} is not known here`);
}
