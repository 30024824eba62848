/** What of a database a plain dump with DROP statements would meet. Asked in the database itself, which is not changed. */
import type { Query } from '../../../adapters/postgres/connection.ts';
import type { DumpedNames, ReplayedDatabase } from '../../../core/restore/replay-obstacles.ts';

/** What the dump makes and the database has: pairs of a catalog and an oid. A table's row type goes with it. */
const DUMPED = `
  dumped (class, id) AS (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::oid, c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname || '.' || c.relname = ANY ($1::text[])
    UNION ALL
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
      WHERE n.nspname || '.' || t.typname = ANY ($2::text[])
    UNION ALL
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid FROM pg_catalog.pg_type t JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname || '.' || c.relname = ANY ($1::text[])
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname || '.' || p.proname || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')' = ANY ($3::text[])
    UNION ALL
    SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY ($4::text[]))`;

/** Whose a dependent object is: a rule is its view's, a constraint, a default, a trigger, a policy and an index their table's. */
const DEPENDENTS = `
  found AS (
    SELECT DISTINCT d.refclassid, d.refobjid,
      CASE WHEN d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass THEN d.classid
           WHEN d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass THEN d.classid
           ELSE 'pg_catalog.pg_class'::pg_catalog.regclass END AS class,
      coalesce(
        CASE WHEN d.classid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass) THEN d.objid END,
        (SELECT ev_class FROM pg_catalog.pg_rewrite WHERE oid = d.objid AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass),
        (SELECT nullif(conrelid, 0) FROM pg_catalog.pg_constraint WHERE oid = d.objid AND d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass),
        (SELECT adrelid FROM pg_catalog.pg_attrdef WHERE oid = d.objid AND d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass),
        (SELECT tgrelid FROM pg_catalog.pg_trigger WHERE oid = d.objid AND d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass),
        (SELECT polrelid FROM pg_catalog.pg_policy WHERE oid = d.objid AND d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass),
        (SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = d.objid AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass),
        CASE WHEN d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass THEN d.objid END) AS id
    FROM pg_catalog.pg_depend d JOIN dumped ON dumped.class = d.refclassid AND dumped.id = d.refobjid
    -- What is automatic goes without a word, newer partitions of a table among it.
    WHERE d.deptype IN ('n', 'a'))`;

export async function readReplayed(query: Query, names: DumpedNames): Promise<Omit<ReplayedDatabase, 'login'>> {
  const values = [names.relations, names.types, names.functions, names.schemas];
  const dependents = await query<{ name: string; needs: string }>(
    'look for objects that need what is dropped',
    `WITH ${DUMPED}, ${DEPENDENTS}
     SELECT pg_catalog.pg_describe_object(f.class, f.id, 0) AS name,
       pg_catalog.string_agg(DISTINCT pg_catalog.pg_describe_object(f.refclassid, f.refobjid, 0), ', ') AS needs
     FROM found f
     WHERE f.id IS NOT NULL AND NOT EXISTS (SELECT FROM dumped WHERE dumped.class = f.class AND dumped.id = f.id)
       -- Sequences of a column, arrays and row types go with what they belong to; the functions of a range's multirange with that.
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend o
                       LEFT JOIN pg_catalog.pg_depend p ON p.classid = o.refclassid AND p.objid = o.refobjid AND p.deptype = 'i'
                       JOIN dumped ON dumped.class = o.refclassid AND dumped.id = o.refobjid OR dumped.class = p.refclassid AND dumped.id = p.refobjid
                       WHERE o.classid = f.class AND o.objid = f.id AND o.deptype IN ('i', 'P', 'S'))
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE f.class = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = f.id
                       AND (c.relkind IN ('t', 'i', 'I') OR c.relkind = 'S' AND EXISTS (
                         SELECT FROM pg_catalog.pg_depend o WHERE o.classid = f.class AND o.objid = c.oid AND o.deptype IN ('a', 'i') AND o.refobjsubid > 0)))
     GROUP BY 1 ORDER BY 1`,
    values,
  );
  const foreign = await query<{ name: string; owner: string }>(
    'look for what the login may not drop',
    `WITH ${DUMPED},
       owned AS (
         SELECT d.class, d.id, c.relowner AS owner FROM dumped d JOIN pg_catalog.pg_class c ON c.oid = d.id AND d.class = 'pg_catalog.pg_class'::pg_catalog.regclass
         UNION ALL
         SELECT d.class, d.id, p.proowner FROM dumped d JOIN pg_catalog.pg_proc p ON p.oid = d.id AND d.class = 'pg_catalog.pg_proc'::pg_catalog.regclass)
     SELECT pg_catalog.pg_describe_object(class, id, 0) AS name, pg_catalog.pg_get_userbyid(owner) AS owner FROM owned
     WHERE NOT pg_catalog.pg_has_role(current_user, owner, 'USAGE') ORDER BY 1`,
    values,
  );
  return { dependents, foreign };
}
