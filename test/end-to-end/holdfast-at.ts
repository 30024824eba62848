/** The command line as a process, of which a test says where the system is announced that runs on this machine. */
import { processFrame } from '../../cli/frame.ts';
import { runCommandLine } from '../../cli/run.ts';
import { VERBS } from '../../cli/verbs.ts';

process.exitCode = await runCommandLine(processFrame(), VERBS, '0.0.0', process.env['LOCAL_DIRECTORY_OF_TEST']);
