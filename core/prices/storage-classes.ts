/**
 * What S3's storage classes ask and cost, in US dollars in us-east-1: list prices of 2026-11, from memory but for
 * the minimum durations and retrieval times, which were found again with third parties. Page: https://aws.amazon.com/s3/pricing/
 */
import type { ColdClass } from '../plan/schema-parts.ts';
import { PRICES } from './price-table.ts';

type StorageClass = {
  /** S3's own name. */
  name: 'STANDARD_IA' | 'GLACIER_IR' | 'GLACIER' | 'DEEP_ARCHIVE';
  usdPerGbMonth: number;
  usdPerGbRetrieved: number;
  usdPerTransition: number;
  /** What is deleted earlier is billed for so long all the same. */
  minimumDays: number;
  /** A lifecycle rule moves nothing that is younger. */
  earliestDays: number;
  /** Smaller objects are not moved by default; those of the archive classes are billed for some more bytes each. */
  smallestKib: number;
  overheadKib: number;
  /** The longest that a standard retrieval takes; 0 where an object is read as it stands. */
  retrievalHours: number;
};

export const STORAGE_CLASSES: Record<ColdClass, StorageClass> = {
  'standard-ia': {
    name: 'STANDARD_IA',
    usdPerGbMonth: 0.0125,
    usdPerGbRetrieved: 0.01,
    usdPerTransition: 0.01 / 1000,
    minimumDays: 30,
    earliestDays: 30,
    smallestKib: 128,
    overheadKib: 0,
    retrievalHours: 0,
  },
  'glacier-ir': {
    name: 'GLACIER_IR',
    usdPerGbMonth: 0.004,
    usdPerGbRetrieved: 0.03,
    usdPerTransition: 0.02 / 1000,
    minimumDays: 90,
    earliestDays: 0,
    smallestKib: 128,
    overheadKib: 0,
    retrievalHours: 0,
  },
  'glacier-flexible': {
    name: 'GLACIER',
    usdPerGbMonth: 0.0036,
    usdPerGbRetrieved: 0.01,
    usdPerTransition: 0.03 / 1000,
    minimumDays: 90,
    earliestDays: 0,
    smallestKib: 128,
    overheadKib: 40,
    retrievalHours: 5,
  },
  'deep-archive': {
    name: 'DEEP_ARCHIVE',
    usdPerGbMonth: 0.00099,
    usdPerGbRetrieved: 0.02,
    usdPerTransition: 0.05 / 1000,
    minimumDays: 180,
    earliestDays: 0,
    smallestKib: 128,
    overheadKib: 40,
    retrievalHours: 12,
  },
};

const DAYS_OF_MONTH = 365 / 12;
/** Of parts and segments of 16 MB. */
const OBJECTS_OF_GB = 64;

/** What one GB of a point costs for `days` in a class, the move there and the minimum duration included, and in the hot class. */
export function priceGb(cold: ColdClass, days: number): { coldUsd: number; hotUsd: number } {
  const { usdPerGbMonth, usdPerTransition, minimumDays, overheadKib } = STORAGE_CLASSES[cold];
  const billedGb = 1 + (OBJECTS_OF_GB * overheadKib) / 2 ** 20;
  const storedUsd = (Math.max(days, minimumDays) / DAYS_OF_MONTH) * usdPerGbMonth * billedGb;
  return { coldUsd: storedUsd + OBJECTS_OF_GB * usdPerTransition, hotUsd: (days / DAYS_OF_MONTH) * PRICES.s3GbMonth.usd };
}
