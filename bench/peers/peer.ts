import type { Command } from '../measure/measure.ts';
import type { BenchPostgres } from '../servers/postgres.ts';
import type { BenchStore } from '../servers/store.ts';
import type { SecretsServer } from '../servers/secrets.ts';
import type { Place } from '../place.ts';

/** Everything that a tool works with: the same server, the same store and the same database for all of them. */
export type Bench = {
  place: Place;
  postgres: BenchPostgres;
  store: BenchStore;
  secrets: SecretsServer;
  /** Where programs are looked for. */
  path: string;
  postgresMajor: number;
  /** The one that is backed up. */
  database: string;
};

export type Tool = {
  name: string;
  title: string;
  /** Physical ones copy the server's files: they restore nothing but a whole server of the same version. */
  kind: 'logical' | 'physical' | 'own';
  /** Programs without which it is not measured. */
  needs: readonly string[];
  /** Where it stores what it makes. */
  bucket: string;
  prefixes: readonly string[];
  /** What its user has done long before the backup. */
  prepare?: (bench: Bench) => Command;
  backup: (bench: Bench) => Command;
  /** Into a database of this name. One that is not `makesDatabase` finds it empty. */
  restore?: (bench: Bench, database: string) => Command;
  makesDatabase?: boolean;
  verify?: (bench: Bench) => Command;
};
