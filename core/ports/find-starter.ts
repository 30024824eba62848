/** Who started an execution, as the account's own trail has it. Undefined while it says nothing, which may be for some minutes or for ever. */
export type FindStarter = (
  executionArn: string,
  startedAt: Date,
) => Promise<{ arn: string; eventId: string; callerId?: string | undefined } | undefined>;
