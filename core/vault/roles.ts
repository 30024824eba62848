/**
 * The object `roles` of a point: every role of the source's server and who is a member of whom, without passwords. A restore makes
 * those that a dump names and its server does not have, never able to log in.
 */
import * as z from 'zod';

const RoleName = z.string().min(1).max(63);

export const PointRoles = z.strictObject({
  format: z.literal('holdfast/roles/v1'),
  roles: z.array(
    z.strictObject({
      name: RoleName,
      superuser: z.boolean(),
      inherit: z.boolean(),
      createRole: z.boolean(),
      createDatabase: z.boolean(),
      login: z.boolean(),
      replication: z.boolean(),
      bypassRls: z.boolean(),
      connectionLimit: z.int(),
    }),
  ),
  memberships: z.array(z.strictObject({ role: RoleName, member: RoleName, admin: z.boolean() })),
});
export type PointRoles = z.infer<typeof PointRoles>;
