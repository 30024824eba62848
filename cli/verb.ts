/** A verb of the command line, as data: help, examples and exit codes come from it, and its input is parsed once, with all problems. */
import type { z } from 'zod';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import type { Connection } from './connection.ts';
import type { ExitName } from './exit-codes.ts';
import type { Frame } from './frame.ts';
import type { Paint } from './output/paint.ts';

/** What a verb found out: data for programs, text for people. */
export type Answer = { data: unknown; text(paint: Paint): string; exit?: ExitName | undefined };

export type Context = {
  frame: Frame;
  /** Of Holdfast. */
  version: string;
  /** Nothing but the answer is wanted. */
  isQuiet: boolean;
  /** The file of the plan, as it is called in messages. */
  planFile(): string;
  /** Loaded and checked once. Throws PlanInvalid, PlanNotFound. */
  plan(): ProtectionPlan;
  /** Where the deployed system is: opened at the first call, closed by the frame at the end. `of`: another plan than the context's. */
  connect(of?: ProtectionPlan): Promise<Connection>;
  /** A line for people about what goes on; not part of the answer. */
  tell(line: string): void;
};

/** `isRepeatable`: what is given several times is a list. */
export type VerbOption = { flags: string; help: string; isRepeatable?: true };

export type Verb = {
  /** Words as typed: `plan check`. */
  name: string;
  summary: string;
  /** Named as in the input's schema; `help` says what stands there. */
  positionals: readonly { name: string; help: string; isRequired: boolean }[];
  options: readonly VerbOption[];
  /** Whether the verb reaches a deployed system, and so can be pointed at one. */
  isRemote: boolean;
  /** Whether it handles what must be on no disk: it is run where no core dump is made, and Node writes nothing of its own. */
  leavesNoTraces?: true;
  examples: readonly string[];
  exits: readonly ExitName[];
  input: z.ZodType;
  run(context: Context, input: never): Promise<Answer>;
};

/** Ties the type of `run`'s input to the schema. */
export const defineVerb = <S extends z.ZodType>(
  verb: Omit<Verb, 'input' | 'run'> & { input: S; run(context: Context, input: z.output<S>): Promise<Answer> },
): Verb => verb;
