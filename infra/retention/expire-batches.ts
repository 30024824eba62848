import type { Fields, MapState, TaskState } from '../asl/definition.ts';
import { expression } from '../asl/expression.ts';
import { functionTask } from '../asl/function-task.ts';

const BATCHES_AT_ONCE = 4;
/** Points of a batch: the function that expires them has 15 minutes, and a point may have thousands of objects. */
const POINTS_PER_BATCH = 10;

/** A batch that fails for good leaves its points to the evidence, which looks for each of them, and the other batches to themselves. */
export const expireBatches = (bucket: string, expirePoints: string, ofAsset: Fields, next: string): MapState => {
  const expireOne: TaskState = {
    ...functionTask(expirePoints, expression('$states.input'), {}),
    Catch: [{ ErrorEquals: ['States.ALL'], Output: { expired: 0, kept: [] }, Next: 'The batch is left to the evidence' }],
    Output: expression('$states.result.Payload'),
  };
  return {
    Type: 'Map',
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig: { InputType: 'JSONL' },
      Arguments: { Bucket: bucket, Key: expression('$plan') },
    },
    ItemBatcher: { MaxItemsPerBatch: POINTS_PER_BATCH, BatchInput: { ...ofAsset, policy: expression('$policy') } },
    MaxConcurrency: BATCHES_AT_ONCE,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'Expire a batch of points',
      States: { 'Expire a batch of points': expireOne, 'The batch is left to the evidence': { Type: 'Succeed' } },
    },
    Assign: { kept: expression('[$states.result.kept]') },
    Output: {},
    Next: next,
  };
};
