// Writes docs/plan-reference.md and docs/plan.schema.json from the plan's schema: node scripts/generate-plan-reference.ts
import { writeFileSync } from 'node:fs';
import { planReferenceFile, planSchemaFile } from '../core/plan/reference.ts';

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('plan-reference.md', docs), planReferenceFile());
writeFileSync(new URL('plan.schema.json', docs), planSchemaFile());
