/** The part of the Amazon States Language that the workflows use: JSONata only, so none of JSONPath's fields exist here. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type Fields = { [name: string]: Json };

export type Retrier = {
  ErrorEquals: string[];
  IntervalSeconds: number;
  MaxAttempts: number;
  BackoffRate: number;
  MaxDelaySeconds: number;
  JitterStrategy: 'FULL';
};
export type Catcher = { ErrorEquals: string[]; Assign?: Fields; Output?: Json; Next: string };

type Described = { Comment?: string };
type Transition = { Next?: string; End?: true };

export type TaskState = Described &
  Transition & {
    Type: 'Task';
    Resource: string;
    Arguments: Fields;
    /** Seconds, or a JSONata expression of them. */
    TimeoutSeconds: number | string;
    Retry?: Retrier[];
    Catch?: Catcher[];
    Assign?: Fields;
    Output?: Json;
  };
/** Inline: beside each other in this execution. Distributed: each an execution of its own, which sees no variable of this one. */
type ProcessorConfig = { Mode: 'INLINE' } | { Mode: 'DISTRIBUTED'; ExecutionType: 'STANDARD' };
/** The lines of one object in S3, read by the service under the machine's role. */
type LinesReader = {
  Resource: 'arn:aws:states:::s3:getObject';
  ReaderConfig: { InputType: 'JSONL' };
  Arguments: { Bucket: string; Key: string };
};
export type MapState = Described &
  Transition & {
    Type: 'Map';
    /** An array; a distributed map may read the lines of an object instead. */
    Items?: string;
    ItemReader?: LinesReader;
    ItemSelector?: Fields;
    /** Several items for one execution, which gets `{ BatchInput, Items }`. */
    ItemBatcher?: { MaxItemsPerBatch: number; BatchInput?: Fields };
    MaxConcurrency: number;
    ItemProcessor: { ProcessorConfig: ProcessorConfig; StartAt: string; States: States };
    Catch?: Catcher[];
    Assign?: Fields;
    Output?: Json;
  };
export type ChoiceRule = { Condition: string; Next: string; Assign?: Fields; Output?: Json };
type ChoiceState = Described & { Type: 'Choice'; Choices: ChoiceRule[]; Default: string; Assign?: Fields };
export type PassState = Described & Transition & { Type: 'Pass'; Assign?: Fields; Output?: Json };
type WaitState = Described & { Type: 'Wait'; Seconds: number | string; Next: string };
type SucceedState = Described & { Type: 'Succeed'; Output?: Json };
export type FailState = Described & { Type: 'Fail'; Error: string; Cause: string };

export type State = TaskState | MapState | ChoiceState | PassState | WaitState | SucceedState | FailState;
export type States = { [name: string]: State };

export type StateMachineDefinition = {
  Comment: string;
  QueryLanguage: 'JSONata';
  StartAt: string;
  TimeoutSeconds: number;
  States: States;
};
