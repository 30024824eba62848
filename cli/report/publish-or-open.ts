import type { Answer, Context } from '../verb.ts';
import type { VaultPlace } from '../connection.ts';
import { openBrowser } from './open-browser.ts';
import { openPages, type PageOf } from './publish-page.ts';

type PublishWish = { from: VaultPlace; publish: boolean; open: boolean };

/** What came of publishing a page, as data and as lines; nothing where it was not asked for. */
export async function publishIfAsked(
  context: Context,
  { from, publish, open }: PublishWish,
  of: PageOf,
  page: string,
): Promise<{ published?: string; link?: string; lines: string[] }> {
  if (!publish) return { lines: [] };
  const pages = await pagesOf(context, from, of);
  const published = await pages.publish(page);
  const link = open ? await pages.link(published) : undefined;
  if (link !== undefined) openBrowser(link, context.frame);
  const lines = [`Published as s3://${pages.bucket}/${published.key}`, ...(link === undefined ? [] : [linkText(link)])];
  return { published: published.key, ...(link === undefined ? {} : { link }), lines };
}

/** The newest page that was published. */
export async function openPublished(context: Context, from: VaultPlace, of: PageOf): Promise<Answer> {
  const pages = await pagesOf(context, from, of);
  const published = await pages.newest();
  const link = await pages.link(published);
  openBrowser(link, context.frame);
  return {
    data: { system: context.plan().system, from, published: published.key, link },
    text: () => `s3://${pages.bucket}/${published.key}\n${linkText(link)}`,
  };
}

const pagesOf = async (context: Context, from: VaultPlace, of: PageOf) =>
  openPages(context, context.plan(), await context.connect(), from, of);
const linkText = (link: string) => `For a quarter of an hour, whoever has this link sees the page:\n${link}`;
