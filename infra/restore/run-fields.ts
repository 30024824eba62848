import type { Fields } from '../asl/definition.ts';
import { expression } from '../asl/expression.ts';

/** What a run of the restore machine is of, from its variables. */
export const RUN_FIELDS: Fields = {
  action: expression('$action'),
  asset: expression('$asset'),
  point: expression('$point'),
  run: expression('$run'),
  target: expression('$target'),
  database: expression('$database'),
};

/** What the function that writes the evidence, or looks what there would be to write, is told of it. */
export const WRITE_FIELDS: Fields = {
  ...RUN_FIELDS,
  of: expression('$of'),
  safety: expression('$safety'),
  startedAt: expression('$startedAt'),
};
