/** Every source that can stand beside the others in one UTF-8 database. */
import type { Source } from '../source.ts';
import { eventTriggers, functions, triggers, views } from './behaviour.ts';
import { bloat, columns, emptiness } from './columns.ts';
import { configuredExtension } from './configured-extension.ts';
import { largeObjects } from './large-objects.ts';
import { names } from './names.ts';
import { extensions, foreign, publications } from './outside.ts';
import { inheritance, partitions } from './partitions.ts';
import { rights, rowSecurity, storage } from './rights.ts';
import { constraints, types } from './types.ts';
import { values } from './values.ts';

export const SOURCES: readonly Source[] = [
  partitions,
  inheritance,
  columns,
  emptiness,
  bloat,
  types,
  constraints,
  views,
  triggers,
  functions,
  publications,
  foreign,
  extensions,
  configuredExtension,
  rights,
  rowSecurity,
  storage,
  names,
  values,
  largeObjects,
  // Last: they look at whatever is made after them.
  eventTriggers,
];
