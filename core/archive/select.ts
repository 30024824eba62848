/** Which entries of an archive a restore takes: all, some tables with what they need, all but some tables, or no rows at all. Pure. */
import { nearestNames } from '../nearest-names.ts';
import { decodeNames, quoteName } from './names.ts';
import type { ArchiveEntry, ArchiveToc } from './toc.ts';

export type Selection = {
  /** Names as SQL writes them, `schema.table`; nothing else is restored than these and what they need. */
  tables?: readonly string[] | undefined;
  /** Left out, with everything that depends on them. */
  exclude?: readonly string[] | undefined;
  schemaOnly?: boolean | undefined;
  skipExtensions?: readonly string[] | undefined;
};

export type Selected = {
  /** Whether an entry is restored. */
  isSelected: (dumpId: number) => boolean;
  /** Whether the rows of a table are, by the dump id of the table. */
  hasRows: (tableDumpId: number) => boolean;
  /** What a person has to know of what was left out. */
  notes: string[];
  /** Names that the archive does not have, and tables that cannot be had so: all at once. Nothing is to be restored then. */
  problems: string[];
};

/** An entry, its name as people write it, and what stands in the archive of all that it depends on. */
type Node = { entry: ArchiveEntry; name: string; needs: Node[]; neededBy: Node[] };

const ROWS = ['TABLE DATA', 'BLOBS'];
const LARGE_OBJECTS = ['BLOB', 'BLOBS', 'BLOB METADATA'];
const TABLES = ['TABLE', 'FOREIGN TABLE'];
/** What has rows or columns of its own, and so is never brought in by something that only mentions it. */
const RELATIONS = [...TABLES, 'VIEW', 'MATERIALIZED VIEW'];
/** Settings of the session that reads the archive. */
const ALWAYS = ['ENCODING', 'STDSTRINGS', 'SEARCHPATH'];
/** What belongs to a table, and comes with it. */
const IN_THE_TABLE = ['TABLE DATA', 'DEFAULT', 'SEQUENCE', 'SEQUENCE OWNED BY', 'SEQUENCE SET', 'TABLE ATTACH'];
const ON_THE_TABLE = ['INDEX', 'INDEX ATTACH', 'CONSTRAINT', 'CHECK CONSTRAINT', 'FK CONSTRAINT', 'TRIGGER', 'POLICY', 'ROW SECURITY'];
const PARTS = [...IN_THE_TABLE, ...ON_THE_TABLE, 'RULE', 'STATISTICS', 'ACL', 'COMMENT', 'SECURITY LABEL'];

export function selectEntries(toc: ArchiveToc, selection: Selection): Selected {
  const graph = readGraph(toc);
  const problems: string[] = [];
  const find = (names: readonly string[]) => new Set(names.flatMap((name) => findTable(graph, name, problems)));
  const wanted = find(selection.tables ?? []);
  const unwanted = find(selection.exclude ?? []);
  const notes: string[] = [];

  const selected = selection.tables === undefined ? new Set(graph) : withNeeds(graph, wanted, notes);
  if (selection.exclude !== undefined) removeDependents(selected, unwanted, notes);
  removeExtensions(selected, selection.skipExtensions ?? []);
  if (selection.schemaOnly) removeRows(selected, notes);
  problems.push(...findPartsOfOne(selected, selection.tables === undefined ? selected : wanted));
  const ids = new Set([...selected].map(({ entry }) => entry.dumpId));
  const withRows = new Set([...(selection.tables === undefined ? selected : wanted)].map(({ entry }) => entry.dumpId));
  return {
    isSelected: (dumpId) => ids.has(dumpId),
    hasRows: (dumpId) => !selection.schemaOnly && ids.has(dumpId) && withRows.has(dumpId),
    notes,
    problems,
  };
}

function readGraph(toc: ArchiveToc): Node[] {
  const nameOf = decodeNames(toc);
  const nodes: Node[] = toc.entries.map((entry) => ({ entry, name: nameOf(entry), needs: [], neededBy: [] }));
  const byId = new Map(nodes.map((node) => [node.entry.dumpId, node]));
  for (const node of nodes)
    for (const id of node.entry.dependencies) {
      const needed = byId.get(id);
      if (needed === undefined) continue;
      link(node, needed);
    }
  const operators = nodes.filter((node) => isOf(['EXTENSION', 'OPERATOR CLASS'], node));
  for (const node of nodes)
    if (isOf(['CONSTRAINT'], node) && COMPARES_BY_CLASSES.test(node.entry.definition ?? '')) for (const each of operators) link(node, each);
  return nodes;
}

/** The index of such a constraint needs operator classes, often an extension's, and pg_dump writes down what the constraint alone needs. */
const COMPARES_BY_CLASSES = / EXCLUDE USING | WITHOUT OVERLAPS/;

function link(node: Node, needed: Node): void {
  node.needs.push(needed);
  needed.neededBy.push(node);
}

const isOf = (kinds: readonly string[], { entry }: Node) => kinds.includes(entry.kind ?? '');

/** The table, and of a partitioned one all partitions below it. */
function findTable(graph: readonly Node[], name: string, problems: string[]): Node[] {
  const key = normalize(name);
  const tables = graph.filter((node) => isOf(TABLES, node));
  const named = tables.find((table) => table.name === key);
  if (named !== undefined) return withPartitions(named);
  const alike = nearest(
    key,
    tables.map((table) => table.name),
  );
  const hint = alike.length > 0 ? ` (alike: ${alike.join(', ')})` : '';
  problems.push(`the point has no table ${JSON.stringify(name)}${hint}`);
  return [];
}

/** By the whole name, or by that of the table in whatever schema. */
const nearest = (key: string, names: readonly string[]): string[] =>
  nearestNames(
    key,
    names,
    (name) => name.replaceAll('"', ''),
    (name) => name.slice(name.lastIndexOf('.') + 1),
  );

function withPartitions(table: Node): Node[] {
  // An attachment needs the partition and, after it, the table that it becomes a part of.
  const attached = table.neededBy.filter((node) => isOf(['TABLE ATTACH'], node) && node.needs.at(-1) === table);
  return [table, ...attached.flatMap(({ needs: [partition] }) => (partition === undefined ? [] : withPartitions(partition)))];
}

/** Names are compared as the server quotes them: only where it must. */
const normalize = (name: string): string =>
  name.replaceAll(/"((?:[^"]|"")*)"/g, (_, inside: string) => quoteName(inside.replaceAll('""', '"')));

/** The tables, what they need, and what belongs to them as far as that needs no other relation. */
function withNeeds(graph: readonly Node[], tables: ReadonlySet<Node>, notes: string[]): Set<Node> {
  const selected = new Set(graph.filter((node) => isOf(ALWAYS, node)));
  for (const table of tables) addNeeds(table, selected);
  const definitionsOnly = [...selected].filter((node) => isOf(TABLES, node) && !tables.has(node));
  if (definitionsOnly.length > 0) notes.push(`Without their rows, as others need their definition: ${nameAll(definitionsOnly)}`);

  const leftOut = new Set<Node>();
  for (let before = -1; before < selected.size;) {
    before = selected.size;
    for (const node of graph) {
      if (selected.has(node) || !isOf(PARTS, node) || !node.needs.some((needed) => selected.has(needed))) continue;
      if (isOf(ROWS, node) && !node.needs.some((needed) => tables.has(needed))) continue;
      const needs = new Set<Node>();
      addNeeds(node, needs);
      const isWhole = [...needs].every((needed) => selected.has(needed) || !isOf(RELATIONS, needed)) && isSatisfied(node, tables);
      // What merely stands beside the tables, such as a comment on their schema's function, comes only if nothing more is needed.
      const isOfTable = node.needs.some((needed) => tables.has(needed));
      if (!isOfTable && isOf(['SEQUENCE'], node)) continue;
      if (isWhole && (isOfTable || [...needs].every((needed) => needed === node || selected.has(needed)))) addNeeds(node, selected);
      else if (isOfTable) leftOut.add(node);
    }
  }
  const missed = [...leftOut].filter((node) => !selected.has(node));
  if (missed.length > 0) notes.push(`Left out, as they need what was not asked for: ${nameAll(missed)}`);
  if (graph.some((node) => isOf(LARGE_OBJECTS, node))) notes.push('Large objects were left out: they belong to no table');
  return selected;
}

/** A foreign key looks for rows, and a definition alone has none. Of a table of an extension not even the key is in an archive. */
const isSatisfied = (node: Node, tables: ReadonlySet<Node>): boolean =>
  !isOf(['FK CONSTRAINT'], node) ||
  (node.needs.some((needed) => isOf(['CONSTRAINT', 'INDEX'], needed)) &&
    node.needs.every((needed) => !isOf(TABLES, needed) || tables.has(needed) || isOwn(node, needed)));

/** Of the two tables of a foreign key the one that has it: its tag begins with that one's name. */
const isOwn = ({ entry: { tag } }: Node, { entry }: Node): boolean => tag?.startsWith(`${entry.tag} `) === true;

const VIA_ROOT = '-- load via partition root ';

/**
 * Rows whose partition is another one in every database, as the hash of an enum's value is, go back through the partitioned table:
 * into any of its partitions. @returns what is wrong where not all of those are restored, for each such table
 */
function findPartsOfOne(selected: ReadonlySet<Node>, withRows: ReadonlySet<Node>): string[] {
  const roots = new Set<Node>();
  for (const node of selected) {
    if (!isOf(['TABLE DATA'], node) || node.entry.definition?.startsWith(VIA_ROOT) !== true) continue;
    const [partition] = node.needs.filter((needed) => isOf(TABLES, needed));
    if (partition !== undefined) roots.add(rootOf(partition));
  }
  return [...roots]
    .filter((root) => !withPartitions(root).every((table) => selected.has(table) && withRows.has(table)))
    .map((root) => `rows of ${root.name} may go back into any of its partitions: take all of ${root.name}, or nothing of it`);
}

function rootOf(table: Node): Node {
  const attachment = table.neededBy.find((node) => isOf(['TABLE ATTACH'], node) && node.needs[0] === table);
  const parent = attachment?.needs.at(-1);
  return parent === undefined ? table : rootOf(parent);
}

function addNeeds(node: Node, into: Set<Node>): void {
  const waiting = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (into.has(next)) continue;
    into.add(next);
    waiting.push(...next.needs);
  }
}

function removeDependents(selected: Set<Node>, tables: ReadonlySet<Node>, notes: string[]): void {
  const waiting = [...tables];
  const gone = new Set<Node>();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (gone.has(next)) continue;
    gone.add(next);
    waiting.push(...next.neededBy);
  }
  for (const node of gone) selected.delete(node);
  const partitions = [...tables].filter((table) => table.neededBy.some((node) => isPartitionOf(table, node, tables)));
  if (partitions.length > 0) notes.push(`Left out with what they are partitions of: ${nameAll(partitions)}`);
  const others = [...gone].filter((node) => !tables.has(node) && !isPartOf(node, tables));
  if (others.length > 0) notes.push(`Left out, as they need what was excluded: ${nameAll(others)}`);
}

const isPartitionOf = (table: Node, attachment: Node, tables: ReadonlySet<Node>): boolean => {
  const [partition, parent] = attachment.needs;
  return isOf(['TABLE ATTACH'], attachment) && partition === table && parent !== undefined && tables.has(parent);
};

/** What nobody asks after once its table is not there. */
function isPartOf(node: Node, tables: ReadonlySet<Node>): boolean {
  const needed = node.needs.filter((relation) => isOf(RELATIONS, relation));
  const own = isOf(['FK CONSTRAINT'], node) ? needed.find((relation) => isOwn(node, relation)) : needed[0];
  return isOf(PARTS, node) && own !== undefined && tables.has(own);
}

function removeExtensions(selected: Set<Node>, extensions: readonly string[]): void {
  for (const node of selected) {
    const { kind, tag } = node.entry;
    const isDropped = extensions.some(
      (name) => (kind === 'EXTENSION' && tag === name) || (kind === 'COMMENT' && tag === `EXTENSION ${name}`),
    );
    if (isDropped) selected.delete(node);
  }
}

function removeRows(selected: Set<Node>, notes: string[]): void {
  for (const node of selected) {
    const isOfLargeObject = node.needs.some((needed) => isOf(LARGE_OBJECTS, needed));
    if (isOf([...ROWS, ...LARGE_OBJECTS, 'SEQUENCE SET'], node) || isOfLargeObject) selected.delete(node);
  }
  notes.push('Rows, large objects and the values of sequences were left out');
}

const NAMED = 20;
const nameAll = (nodes: readonly Node[]): string => {
  const names = nodes.map(({ entry: { kind }, name }) => `${(kind ?? '').toLowerCase()} ${name}`).toSorted();
  return `${names.slice(0, NAMED).join(', ')}${names.length > NAMED ? ` and ${names.length - NAMED} more` : ''}`;
};
