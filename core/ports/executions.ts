/**
 * What became of an execution of a state machine. The answer may lag behind: an execution that has just started may be `unknown`,
 * one that has just ended may still be `running`; one that is said to have ended has ended. `failed`: in any way but with success.
 */
export type ExecutionState = 'running' | 'succeeded' | 'failed' | 'unknown';

export type Executions = {
  stateOf(executionArn: string): Promise<ExecutionState>;
};
