/**
 * Images that are not the tasks' own. Nothing here pulls or unpacks one: containers run as processes, and what stands for the files of an
 * image is a directory that is named by its digest.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, TaskDefinition } from './task-definition.ts';

export const imagesDirectory = (appDir: string) => join(appDir, '.holdfast', 'images');

/** Where the files of a container's image are; undefined for the image that the task's essential container has too: the checkout. */
export function findImage(container: Container, { containers }: Pick<TaskDefinition, 'containers'>, imagesDir: string): string | undefined {
  const own = containers.find(({ isEssential }) => isEssential)?.image;
  const digest = /@sha256:([0-9a-f]{64})$/.exec(container.image)?.[1];
  return digest === undefined || container.image === own ? undefined : join(imagesDir, digest);
}

/** As ECS says it when a registry has no such image; undefined when all are here. */
export function whyNotPulled(definition: TaskDefinition, imagesDir: string): string | undefined {
  for (const container of definition.containers) {
    const directory = findImage(container, definition, imagesDir);
    if (directory !== undefined && !existsSync(directory))
      return `CannotPullContainerError: ${container.image} is not on this machine, where an image is the directory of its files: ${directory}`;
  }
  return undefined;
}
