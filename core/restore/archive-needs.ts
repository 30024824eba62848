import type { ScriptStatement } from './script-statement.ts';

/** What a server must have, and its login be able to do, before an archive restores: names of roles and extensions. */
export type ArchiveNeeds = {
  owners: ReadonlySet<string>;
  /** Of nothing but what a restore does without where the server refuses it. */
  optionalOwners: ReadonlySet<string>;
  /** Roles that something is granted to. */
  grantees: ReadonlySet<string>;
  /** Roles in whose name something is granted. */
  grantors: ReadonlySet<string>;
  /** Roles that policies of row-level security name. */
  policyRoles: ReadonlySet<string>;
  /** Roles that the archive lets create in the schema public. */
  publicCreators: ReadonlySet<string>;
  extensions: ReadonlySet<string>;
  /** That the archive makes. */
  schemas: ReadonlySet<string>;
};

export class NeedsCollector implements ArchiveNeeds {
  readonly owners = new Set<string>();
  readonly optionalOwners = new Set<string>();
  readonly grantees = new Set<string>();
  readonly grantors = new Set<string>();
  readonly policyRoles = new Set<string>();
  readonly publicCreators = new Set<string>();
  readonly extensions = new Set<string>();
  readonly schemas = new Set<string>();

  add(statement: ScriptStatement): void {
    switch (statement.kind) {
      case 'owner':
        (statement.isOptional ? this.optionalOwners : this.owners).add(statement.role);
        return;
      case 'privilege':
        if (statement.to !== undefined) this.grantees.add(statement.to);
        if (statement.as !== undefined) this.grantors.add(statement.as);
        if (statement.to !== undefined && statement.isCreateOnPublic) this.publicCreators.add(statement.to);
        return;
      case 'policy':
        for (const role of statement.roles) this.policyRoles.add(role);
        return;
      case 'extension':
        this.extensions.add(statement.name);
        return;
      case 'schema':
        this.schemas.add(statement.name);
        return;
      default:
        statement satisfies never;
    }
  }
}
