/** The plan's fields as the schema describes them: for messages, the reference and editors. */
import * as z from 'zod';
import { Duration, ProtectionPlan } from './schema.ts';

type JsonSchema = {
  type?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  const?: string | number | boolean;
  enum?: (string | number | boolean)[];
  default?: unknown;
  description?: string;
  pattern?: string;
  format?: string;
  minItems?: number;
  minimum?: number;
  maximum?: number;
};

export type Field = {
  /** `assets[].lock.length`; a choice stands in brackets: `assets[kind=postgres].lock.length`. */
  path: string;
  type: string;
  isRequired: boolean;
  /** As JSON; undefined when there is none. */
  default: string | undefined;
  meaning: string | undefined;
  /** Allowed values, where they are few. */
  options: string[];
  /** Names of the fields inside. */
  children: string[];
};

/** JSON Schema (draft 2020-12) of a plan as it is written, for editors. */
export const planJsonSchema = () => z.toJSONSchema(ProtectionPlan, { io: 'input' });

let cachedRoot: JsonSchema | undefined;
const root = () => (cachedRoot ??= planJsonSchema() as JsonSchema);

/** The field at a path of a parsed file; `data` tells which kind of asset or network it is in. */
export function fieldAt(path: readonly PropertyKey[], data: unknown): Field | undefined {
  let schema: JsonSchema | undefined = choose(root(), data);
  let value = data;
  for (const part of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined;
    const inner: JsonSchema | undefined = typeof part === 'number' ? schema?.items : schema?.properties?.[String(part)];
    if (inner === undefined) return kindField(schema, path, part);
    schema = choose(inner, value);
  }
  return schema && toField(path.map(String).join('.'), schema, false);
}

/** A wrong `kind` chooses no alternative: its options are those of all. */
function kindField(schema: JsonSchema | undefined, path: readonly PropertyKey[], part: PropertyKey): Field | undefined {
  const kinds = (schema?.oneOf ?? []).flatMap((alternative) => alternative.properties?.[String(part)]?.const ?? []);
  if (kinds.length === 0 || part !== path.at(-1)) return undefined;
  return {
    path: String(part),
    type: 'text',
    isRequired: true,
    default: undefined,
    meaning: schema?.description,
    options: kinds.map(String),
    children: [],
  };
}

/** The alternative that the data's `kind` names; the schema itself when there are none, or none fits. */
function choose(schema: JsonSchema, data: unknown): JsonSchema {
  const kind = typeof data === 'object' && data !== null && 'kind' in data ? data.kind : undefined;
  return schema.oneOf?.find((alternative) => alternative.properties?.['kind']?.const === kind) ?? schema;
}

/** Every field, in the order of the schema, outer before inner. */
export function listFields(): Field[] {
  return [...walk(root(), '')];
}

function* walk(schema: JsonSchema, path: string): Generator<Field> {
  const required = new Set(schema.required ?? []);
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    const innerPath = path === '' ? name : `${path}.${name}`;
    yield toField(innerPath, inner, required.has(name));
    yield* inside(inner, innerPath);
  }
}

function* inside(schema: JsonSchema, path: string): Generator<Field> {
  if (schema.items) yield* inside(schema.items, `${path}[]`);
  for (const alternative of schema.oneOf ?? []) {
    yield* walk(alternative, `${path.replace(/\[\]$/, '')}[kind=${String(alternative.properties?.['kind']?.const)}]`);
  }
  yield* walk(schema, path);
}

function toField(path: string, schema: JsonSchema, isRequired: boolean): Field {
  return {
    path,
    type: typeName(schema),
    isRequired,
    default: schema.default === undefined ? undefined : JSON.stringify(schema.default),
    meaning: schema.description,
    options: optionsOf(schema),
    children: Object.keys(schema.properties ?? {}),
  };
}

function optionsOf(schema: JsonSchema): string[] {
  if (schema.enum) return schema.enum.map(String);
  if (schema.const !== undefined) return [String(schema.const)];
  return (schema.anyOf ?? []).flatMap((alternative) => (alternative.const === undefined ? [] : [String(alternative.const)]));
}

function typeName(schema: JsonSchema): string {
  const options = optionsOf(schema);
  if (options.length > 0) return options.map((option) => `\`${option}\``).join(', ');
  if (schema.oneOf) return 'one of several kinds';
  if (schema.type === 'array')
    return `list of ${schema.minItems ? `${schema.minItems} or more: ` : ''}${schema.items ? typeName(schema.items) : 'anything'}`;
  if (schema.type === 'integer') return `whole number${rangeText(schema)}`;
  if (schema.type === 'number') return `number${rangeText(schema)}`;
  if (schema.pattern === durationPattern()) return 'duration';
  return { boolean: 'true or false', object: 'object' }[schema.type ?? ''] ?? schema.format ?? 'text';
}

const durationPattern = () => (z.toJSONSchema(Duration) as JsonSchema).pattern;

function rangeText({ minimum, maximum }: JsonSchema): string {
  if (minimum === undefined) return '';
  // zod states the safe integers' limit where the schema has none of its own.
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? `, ${minimum} or more` : `, ${minimum} to ${maximum}`;
}
