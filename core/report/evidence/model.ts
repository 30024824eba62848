/** A record of evidence as a page shows it, whatever its kind. */
import type { Colour } from '../../status/colour.ts';
import type { Content } from '../html.ts';

export type EvidenceTable = { caption: string; headers: readonly string[]; rows: readonly (readonly Content[])[] };

export type DescribedEvidence = {
  /** `Drill`, `Escrow run`. */
  title: string;
  at: string;
  /** Undefined where the record is about several, or about the whole system. */
  asset: string | undefined;
  outcome: { colour: Colour; word: string };
  facts: readonly (readonly [string, Content])[];
  /** Sentences: why, and what a person has to know. */
  notes: readonly string[];
  tables: readonly EvidenceTable[];
};
