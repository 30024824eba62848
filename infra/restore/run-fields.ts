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

/** JSONata: by which of its three other inputs the machine was started, or `otherwise`. */
const asked = (then: (action: string) => string, otherwise: string) =>
  `(${['undo', 'finish', 'resume'].map((one) => `$type($request.${one}) = 'string' ? ${then(one)} : `).join('')}${otherwise})`;

/** What the report of a failure is told of it, so that it can name the same restore again; JSONata, left out where it is empty. */
export const REPORT_FIELDS: Record<string, string> = {
  database: '$database',
  selection: '$selection',
  target: '$target',
  // A request that could not be checked is told by its own words.
  action: `($action != 'restore' ? $action : ${asked((one) => `'${one}'`, '$action')})`,
  of: `($of != '' ? $of : ${asked((one) => `$request.${one}`, '$of')})`,
  withoutKeys: "($request.withoutKeys = true ? true : '')",
};

/** What the function that writes the evidence, or looks what there would be to write, is told of it. */
export const WRITE_FIELDS: Fields = {
  ...RUN_FIELDS,
  selection: expression('$selection'),
  of: expression('$of'),
  safety: expression('$safety'),
  startedAt: expression('$startedAt'),
};
