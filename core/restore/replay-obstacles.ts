/** What a plain dump with DROP statements of its own would stop at, found before it is run. Pure. */
import { nameSome, type Obstacle } from './find-obstacles.ts';
import { quoteIdentifier } from './sql-names.ts';

/** Names of what a dump makes, by what they are, as the dump's comments have them: `public.users`, `public.add(integer)`. */
export type DumpedNames = { relations: string[]; types: string[]; functions: string[]; schemas: string[] };

const RELATIONS = ['TABLE', 'VIEW', 'MATERIALIZED VIEW', 'SEQUENCE', 'FOREIGN TABLE'];
const TYPES = ['TYPE', 'DOMAIN'];
const FUNCTIONS = ['FUNCTION', 'PROCEDURE', 'AGGREGATE'];

/** @param objects such as `TABLE public.users`, `FUNCTION public.add(integer)`, `SCHEMA ledger` */
export function dumpedNames(objects: readonly string[]): DumpedNames {
  const ofKind = (kinds: readonly string[]) =>
    objects.flatMap((object) => {
      const kind = kinds.find((one) => object.startsWith(`${one} `));
      return kind === undefined ? [] : [object.slice(kind.length + 1)];
    });
  return { relations: ofKind(RELATIONS), types: ofKind(TYPES), functions: ofKind(FUNCTIONS), schemas: ofKind(['SCHEMA']) };
}

export type ReplayedDatabase = {
  login: string;
  /** What the dump does not know, and needs something that it drops. */
  dependents: { name: string; needs: string }[];
  /** Of what the dump drops and the login does not own. */
  foreign: { name: string; owner: string }[];
};

export function findReplayObstacles({ login, dependents, foreign }: ReplayedDatabase): Obstacle[] {
  const obstacles: Obstacle[] = [];
  if (dependents.length > 0)
    obstacles.push({
      what: `newer objects, which the point does not have, need what it drops: ${nameSome(dependents.map(({ name, needs }) => `${name} (${needs})`))}`,
      fix: 'Drop them or save them elsewhere, or restore with --target in-place, which takes the whole database away',
    });
  if (foreign.length > 0) {
    const owners = [...new Set(foreign.map(({ owner }) => owner))].toSorted();
    obstacles.push({
      what: `${login} may not drop what belongs to ${nameSome(owners)}: ${nameSome(foreign.map(({ name }) => name))}`,
      fix: `GRANT ${nameSome(owners.map(quoteIdentifier))} TO ${quoteIdentifier(login)}`,
    });
  }
  return obstacles;
}
