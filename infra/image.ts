/** The image that the tasks run: one per PostgreSQL major of the plan, built from tasks/Dockerfile, or given by digest. */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IgnoreMode } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';
import { partitionOf } from '../core/partition.ts';
import { arn, type System } from './system.ts';

const appRoot = resolve(fileURLToPath(import.meta.url), '..', '..');

/** All that the image's build reads, so that nothing else makes a new image. */
const SOURCES = ['package.json', 'package-lock.json', 'core', 'adapters', 'tasks'];

export type Images = { uriOf: (postgresMajor: number) => string; repositoryArns: string[] };

/**
 * Synthesis only hashes the sources; Docker is needed when an image is published, on deployment. Stacks that make the same image
 * publish it once.
 * @param assets whose images are made: all of the system's when absent
 */
export function makeImages(stack: Construct, system: System, settings: Settings, assets = system.postgresAssets): Images {
  const image = imageOf(system, settings);
  const majors = [...new Set(assets.map((a) => a.source.postgresMajor))].sort((a, b) => a - b);
  if (image !== undefined) {
    if (majors.length > 1)
      throw new Error(
        `The context names one image, and the plan has databases of PostgreSQL ${majors.join(' and ')}: the programs of an image are of one major. Leave the context \`image\` out, or deploy one plan per major`,
      );
    return { uriOf: () => image, repositoryArns: repositoryOf(image) };
  }
  const made = new Map(
    majors.map((major) => [
      major,
      new DockerImageAsset(stack, `Image${major}`, {
        directory: appRoot,
        file: join('tasks', 'Dockerfile'),
        buildArgs: { POSTGRES_MAJOR: String(major) },
        platform: settings.architecture === 'arm64' ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
        ignoreMode: IgnoreMode.DOCKER,
        exclude: ['*', ...SOURCES.map((path) => `!${path}`)],
      }),
    ]),
  );
  return {
    uriOf: (major) => {
      const asset = made.get(major);
      if (asset === undefined) throw new RangeError(`No image was made for PostgreSQL ${major}`);
      return asset.imageUri;
    },
    repositoryArns: [...new Set([...made.values()].map((asset) => asset.repository.repositoryArn))],
  };
}

/** The second region pulls from a registry of its own: that of the home region is gone with it. */
function imageOf(system: System, settings: Settings): string | undefined {
  if (system.side === 'vault') return settings.image;
  const image = settings.replicaImage ?? settings.image;
  const region = image === undefined ? undefined : registryOf(image)?.region;
  if (region === undefined || region === system.home.region) return image;
  throw new Error(
    `The image ${image} is in the registry of ${region}, which the recovery stack in ${system.home.region} cannot pull from when that region is gone. Replicate it, and name the copy with the context \`replicaImage\``,
  );
}

/** An image in ECR needs the right to pull it; elsewhere it is public, or the registry is reached through a pull-through cache. */
export function repositoryOf(image: string): string[] {
  const found = registryOf(image);
  return found ? [arn({ ...found, partition: partitionOf(found.region) }, 'ecr', `repository/${found.repository}`)] : [];
}

function registryOf(image: string): { account: string; region: string; repository: string } | undefined {
  const found = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^@]+)@/.exec(image);
  const [, account = '', region = '', repository = ''] = found ?? [];
  return found ? { account, region, repository } : undefined;
}
