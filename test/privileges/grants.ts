/** What the templates grant: every action of every statement of every role, one by one. */
import { ofType, type Template } from '../infra/synthesized.ts';
import type { PolicyStatement } from '../infra/policy-matcher.ts';

export type Grant = { role: string; sid: string; action: string; statement: PolicyStatement };
export type Role = { name: string; description: string; trust: string; grants: Grant[] };

export const list = (value: string | string[] | undefined): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

export function rolesOf(templates: Template[]): Role[] {
  return templates.flatMap((template) =>
    ofType(template, 'AWS::IAM::Role').map(([, { Properties }]) => {
      const name = String(Properties['RoleName']);
      const policies = (Properties['Policies'] ?? []) as { PolicyDocument: { Statement: PolicyStatement[] } }[];
      const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
      const grants = statements.flatMap((statement) =>
        list(statement.Action).map((action) => ({ role: name, sid: statement.Sid ?? '', action, statement })),
      );
      return {
        name,
        description: (Properties['Description'] as string | undefined) ?? '',
        trust: JSON.stringify(Properties['AssumeRolePolicyDocument']),
        grants,
      };
    }),
  );
}
