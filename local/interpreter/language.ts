/**
 * The part of the Amazon States Language that runs here: JSONata only, Standard workflows, inline maps and distributed ones over an
 * array or the lines of an object. Every schema is strict, so a field or a state type that is not understood is refused before the
 * run and never ignored. Language: https://states-language.net
 */
import { z } from 'zod';

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type Fields = { [name: string]: Json };

const Template = z.json();
const Assignments = z.record(z.string(), Template);

export const EXPRESSION = /^\{%([\s\S]*)%\}$/;
const Expression = z.string().regex(EXPRESSION, 'a whole JSONata expression: {% … %}');
const integer = (min: number, max: number) => z.union([z.int().min(min).max(max), Expression]);

/** The longest that the service lets a state wait or run. */
const LONGEST_SECONDS = 99_999_999;
const Seconds = integer(1, LONGEST_SECONDS);

const ErrorEquals = z.array(z.string().min(1)).min(1);

export const Retrier = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals,
  IntervalSeconds: z.int().min(1).max(LONGEST_SECONDS).default(1),
  MaxAttempts: z.int().min(0).max(LONGEST_SECONDS).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().min(1).max(31_622_400).optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
});
export type Retrier = z.infer<typeof Retrier>;

export const Catcher = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals,
  Assign: Assignments.optional(),
  Output: Template.optional(),
  Next: z.string(),
});
export type Catcher = z.infer<typeof Catcher>;

const described = { Comment: z.string().optional(), QueryLanguage: z.literal('JSONata').optional() };
const transition = { Next: z.string().optional(), End: z.literal(true).optional() };
const results = { Assign: Assignments.optional(), Output: Template.optional() };
const failures = { Retry: z.array(Retrier).default([]), Catch: z.array(Catcher).default([]) };

const TaskState = z.strictObject({
  ...described,
  ...transition,
  ...results,
  ...failures,
  Type: z.literal('Task'),
  Resource: z.string(),
  Arguments: Template,
  TimeoutSeconds: Seconds.optional(),
  HeartbeatSeconds: Seconds.optional(),
});
export type TaskState = z.infer<typeof TaskState>;

const PassState = z.strictObject({ ...described, ...transition, ...results, Type: z.literal('Pass') });
const SucceedState = z.strictObject({ ...described, Type: z.literal('Succeed'), Output: Template.optional() });
const FailState = z.strictObject({ ...described, Type: z.literal('Fail'), Error: z.string().optional(), Cause: z.string().optional() });
export type FailState = z.infer<typeof FailState>;

const WaitState = z.strictObject({
  ...described,
  ...transition,
  ...results,
  Type: z.literal('Wait'),
  Seconds: integer(0, LONGEST_SECONDS).optional(),
  Timestamp: z.string().optional(),
});
export type WaitState = z.infer<typeof WaitState>;

const ChoiceRule = z.strictObject({
  Comment: z.string().optional(),
  Condition: z.union([z.boolean(), Expression]),
  ...results,
  Next: z.string(),
});
const ChoiceState = z.strictObject({
  ...described,
  ...results,
  Type: z.literal('Choice'),
  Choices: z.array(ChoiceRule).min(1),
  Default: z.string().optional(),
});
export type ChoiceState = z.infer<typeof ChoiceState>;

const Processor = z.strictObject({
  Comment: z.string().optional(),
  QueryLanguage: z.literal('JSONata').optional(),
  ProcessorConfig: z
    .discriminatedUnion('Mode', [
      z.strictObject({ Mode: z.literal('INLINE') }),
      z.strictObject({
        Mode: z.literal('DISTRIBUTED'),
        ExecutionType: z.literal('STANDARD', 'only Standard executions of a distributed map are understood here'),
      }),
    ])
    .optional(),
  StartAt: z.string(),
  get States() {
    return States;
  },
});
const Branch = Processor.omit({ ProcessorConfig: true });
export type StateGroup = { StartAt: string; States: Record<string, State> };

const ItemReader = z.strictObject({
  Resource: z.string(),
  ReaderConfig: z.strictObject({ InputType: z.literal('JSONL', 'only the lines of a JSONL object are understood here') }),
  Arguments: Template,
});
export type ItemReader = z.infer<typeof ItemReader>;
const ItemBatcher = z.strictObject({ MaxItemsPerBatch: integer(1, 100_000_000), BatchInput: Template.optional() });

const MapState = z.strictObject({
  ...described,
  ...transition,
  ...results,
  ...failures,
  Type: z.literal('Map'),
  Items: z.union([Expression, z.array(Template)]).optional(),
  ItemReader: ItemReader.optional(),
  ItemSelector: Template.optional(),
  ItemBatcher: ItemBatcher.optional(),
  MaxConcurrency: integer(0, 10_000).default(0),
  ItemProcessor: Processor,
});
export type MapState = Omit<z.infer<typeof MapState>, 'ItemProcessor'> & {
  ItemProcessor: StateGroup & { ProcessorConfig?: z.infer<typeof Processor>['ProcessorConfig'] };
};
export const isDistributed = (state: MapState): boolean => state.ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED';

const ParallelState = z.strictObject({
  ...described,
  ...transition,
  ...results,
  ...failures,
  Type: z.literal('Parallel'),
  Arguments: Template.optional(),
  Branches: z.array(Branch).min(1),
});
export type ParallelState = Omit<z.infer<typeof ParallelState>, 'Branches'> & { Branches: StateGroup[] };

export type State =
  TaskState | z.infer<typeof PassState> | z.infer<typeof SucceedState> | FailState | WaitState | ChoiceState | MapState | ParallelState;

const AnyState: z.ZodType<State> = z.lazy(() =>
  z.discriminatedUnion('Type', [TaskState, PassState, SucceedState, FailState, WaitState, ChoiceState, MapState, ParallelState]),
);

const States: z.ZodType<Record<string, State>> = z.record(z.string(), AnyState);

export const StateMachine = z.strictObject({
  Comment: z.string().optional(),
  Version: z.literal('1.0').optional(),
  QueryLanguage: z.literal('JSONata', 'only JSONata is understood here: set QueryLanguage of the machine'),
  StartAt: z.string(),
  TimeoutSeconds: z.int().min(1).max(LONGEST_SECONDS).optional(),
  States,
});
export type StateMachine = z.infer<typeof StateMachine>;
