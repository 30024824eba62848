/** What the synthesized templates say: the one definition, from which everything set by API is read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      environment: z.string().optional(),
      properties: z.object({ templateFile: z.string().optional() }).optional(),
    }),
  ),
});

/** `account` is undefined where the template is not bound to one. */
export type TemplateResource = {
  stack: string;
  account: string | undefined;
  region: string;
  id: string;
  type: string;
  properties: Record<string, unknown>;
};

const Template = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) })),
});

/** @param output directory that `cdk` wrote */
export function readResources(output: string): TemplateResource[] {
  const { artifacts } = Manifest.parse(JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8')));
  return Object.entries(artifacts).flatMap(([stack, artifact]) => {
    const file = artifact.properties?.templateFile;
    if (artifact.type !== 'aws:cloudformation:stack' || file === undefined) return [];
    const [, , named, region = ''] = artifact.environment?.split('/') ?? [];
    const account = named !== undefined && /^\d{12}$/.test(named) ? named : undefined;
    const { Resources } = Template.parse(JSON.parse(readFileSync(join(output, file), 'utf8')));
    return Object.entries(Resources).map(([id, { Type, Properties }]) => ({
      stack,
      account,
      region,
      id,
      type: Type,
      properties: Properties,
    }));
  });
}
