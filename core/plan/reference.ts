/** docs/plan-reference.md and docs/plan.schema.json, from the schema: no field is described twice. */
import { listFields, planJsonSchema, type Field } from './fields.ts';

export const planSchemaFile = () => `${JSON.stringify({ title: 'Holdfast protection plan', ...planJsonSchema() }, null, 2)}\n`;

/** Markdown: one section per part of the plan, one row per field. */
export function planReferenceFile(): string {
  const sections = Map.groupBy(listFields(), sectionOf);
  return [
    '# Plan reference',
    '',
    'Every field of a protection plan. This file is generated from the schema: `node scripts/generate-plan-reference.ts`.',
    'Editors check and complete a plan that starts with `# yaml-language-server: $schema=../docs/plan.schema.json`.',
    'What fields mean to each other is checked by `npx holdfast plan check`.',
    '',
    ...[...sections].flatMap(([section, fields]) => [
      `## ${section}`,
      '',
      '| field | type | default | meaning |',
      '| --- | --- | --- | --- |',
      ...fields.map((field) => row(field, section)),
      '',
    ]),
  ].join('\n');
}

const WHOLE = 'The plan';

/** Fields of an asset's parts (schedule, drill …) are a section each; the rest of the plan is one. */
function sectionOf({ path, children }: Field): string {
  const kind = /^(?:assets|network)\[kind=\w+\]/.exec(path)?.[0];
  if (kind === undefined) return WHOLE;
  const [part, ...inner] = path.slice(kind.length + 1).split('.');
  return inner.length > 0 || (children.length > 0 && part !== undefined) ? `${kind}.${part}` : kind;
}

function row(field: Field, section: string): string {
  const name = section === WHOLE ? field.path : field.path === section ? '(all of it)' : field.path.slice(section.length + 1);
  const standard = field.isRequired ? 'required' : field.default === undefined ? '' : `\`${field.default}\``;
  return `| \`${name}\` | ${escape(field.type)} | ${escape(standard)} | ${escape(field.meaning ?? '')} |`;
}

const escape = (text: string) => text.replaceAll('|', '\\|');
