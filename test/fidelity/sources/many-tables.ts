import type { Source } from '../source.ts';

const SAMPLE = 300;
const FULL = 5_000;

export const manyTables: Source = {
  name: 'many_tables',
  what: 'Thousands of tables, most of them small',
  sql: ({ isSoak }) => {
    const count = isSoak ? FULL : SAMPLE;
    // Each table takes locks until the end of its transaction.
    return Array.from(
      { length: Math.ceil(count / 250) },
      (_, batch) => `DO $$ BEGIN FOR i IN ${batch * 250 + 1}..${Math.min(count, (batch + 1) * 250)} LOOP
        EXECUTE format('CREATE TABLE many_tables.t%s (id int PRIMARY KEY, text text); INSERT INTO many_tables.t%1$s SELECT n, %L FROM generate_series(1, %s) n', i, 't' || i, i % 7 * (1 + i % 50));
        END LOOP; END $$`,
    );
  },
};
