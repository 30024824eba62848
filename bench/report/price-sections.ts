import { ASSUMED, priceHoldfast, priceWays } from '../../core/prices/estimate.ts';
import { PRICE_REGIONS, PRICES, PRICES_AS_OF, unconfirmed, type Price } from '../../core/prices/price-table.ts';
import type { Section } from './sections.ts';

const SIZES_GB = [10, 100, 1000];
const sizeText = (gb: number) => (gb < 1000 ? `${gb} GB` : `${gb / 1000} TB`);
const dollars = (usd: number) => `$${usd.toFixed(2)}`;

/** What one backup and one drill a month cost, and from which list prices. */
export const priceSections = (): Section[] => [
  {
    id: 'prices',
    title: `One backup and one drill a month, ${PRICE_REGIONS.home} with ${PRICE_REGIONS.replica}, ${PRICES_AS_OF}`,
    head: ['a month', ...SIZES_GB.map(sizeText), ''],
    rows: priceWays(SIZES_GB[0] ?? 0).map(({ name }, index) => {
      const ways = SIZES_GB.map((gb) => priceWays(gb)[index]);
      const notes = new Set(
        ways.flatMap(
          (way, at) => way?.notes.map((text) => (text.includes('drill') ? `${sizeText(SIZES_GB[at] ?? 0)}: ${text}` : text)) ?? [],
        ),
      );
      return [name, ...ways.map((way) => dollars(way?.totalUsd ?? 0)), [...notes].join('; ')];
    }),
  },
  {
    id: 'price-lines',
    title: 'Of Holdfast with a network of its own',
    head: ['', ...SIZES_GB.map(sizeText)],
    rows: priceHoldfast(SIZES_GB[0] ?? 0).lines.map(({ what }) => [
      what,
      ...SIZES_GB.map((gb) => {
        const found = priceHoldfast(gb).lines.find((each) => each.what === what);
        return found ? dollars(found.usd) : '–';
      }),
    ]),
  },
  {
    id: 'price-table',
    title: 'List prices',
    head: ['price', 'US dollars', 'page', 'confirmed'],
    rows: Object.values(PRICES).map((price: Price) => [price.per, significant(price.usd), price.page, price.confirmed ?? 'not confirmed']),
  },
  {
    id: 'price-assumptions',
    title: `Assumed; ${unconfirmed().length} prices are not confirmed`,
    head: ['', ''],
    rows: Object.entries(ASSUMED).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
      String(value),
    ]),
  },
];

const significant = (usd: number) => (usd >= 0.01 ? String(usd) : usd.toFixed(10).replace(/0+$/, ''));
