/** One catalog in a process of its own, whose memory is that of the decision alone: node bench/retention/child.ts <systems> <assets> <points> */
import { decideCatalog } from './decide-catalog.ts';

const [systems = 1, assetsOfSystem = 1, pointsOfAsset = 1] = process.argv.slice(2).map(Number);
const decided = await decideCatalog({ systems, assetsOfSystem, pointsOfAsset });
const { user, system } = process.cpuUsage();
const [cpuSeconds, peakMemoryMiB] = [(user + system) / 1e6, process.resourceUsage().maxRSS / 1024];
process.stdout.write(JSON.stringify({ ...decided, cpuSeconds, peakMemoryMiB }));
