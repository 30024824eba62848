/** Policies of resources, compared statement by statement: services give them back in another order and with single values unpacked. */
import { isDeepStrictEqual } from 'node:util';
import type { PolicyDocument, PolicyStatement } from './expectation.ts';

export type PolicyChange = { missing: string[]; changed: string[]; added: string[] };

/** Undefined when both say the same. A statement without a name is an added one. */
export function comparePolicies(expected: PolicyDocument, found: PolicyDocument): PolicyChange | undefined {
  const [wanted, there] = [byName(expected), byName(found)];
  const missing = [...wanted.keys()].filter((name) => !there.has(name));
  const added = [...there.keys()].filter((name) => !wanted.has(name));
  const changed = [...wanted].flatMap(([name, statements]) => {
    const other = there.get(name);
    return other === undefined || isDeepStrictEqual(statements, other) ? [] : [name];
  });
  return missing.length + added.length + changed.length === 0 ? undefined : { missing, changed, added };
}

/** Two statements of one name are both there: neither must stand in for the other. */
const byName = ({ Statement }: PolicyDocument) =>
  new Map([...Map.groupBy(Statement, ({ Sid }) => Sid)].map(([name, statements]) => [name, statements.map(normal).toSorted(byText)]));

/** What services do not tell apart: a list of one and its value, the order of a list, `false` and `"false"`. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(normal);
    return items.length === 1 ? items[0] : items.toSorted(byText);
  }
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value as PolicyStatement).map(([name, field]) => [name, normal(field)] as const);
  return Object.fromEntries(fields.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const byText = (a: unknown, b: unknown) => {
  const [one, other] = [JSON.stringify(a), JSON.stringify(b)];
  return one < other ? -1 : one > other ? 1 : 0;
};
