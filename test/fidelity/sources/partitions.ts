import type { Source } from '../source.ts';

export const partitions: Source = {
  name: 'partitions',
  what: 'Range, list and hash, one in another, defaults, and a partition that was a table with another order of columns',
  sql: () => `
    CREATE TABLE by_range (id bigint NOT NULL, at date NOT NULL, text text DEFAULT 'none') PARTITION BY RANGE (at);
    CREATE TABLE r2024 PARTITION OF by_range FOR VALUES FROM (MINVALUE) TO ('2025-01-01');
    CREATE TABLE r2025 PARTITION OF by_range FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (text);
    CREATE TABLE r2025_a PARTITION OF r2025 (text DEFAULT 'its own') FOR VALUES IN ('a', 'b');
    CREATE TABLE r2025_null PARTITION OF r2025 FOR VALUES IN (NULL);
    CREATE TABLE r2025_other PARTITION OF r2025 DEFAULT PARTITION BY HASH (id);
    CREATE TABLE r2025_other_0 PARTITION OF r2025_other FOR VALUES WITH (MODULUS 3, REMAINDER 0);
    CREATE TABLE r2025_other_1 PARTITION OF r2025_other FOR VALUES WITH (MODULUS 3, REMAINDER 1);
    CREATE TABLE r2025_other_2 PARTITION OF r2025_other FOR VALUES WITH (MODULUS 6, REMAINDER 2);
    CREATE TABLE r2025_other_5 PARTITION OF r2025_other FOR VALUES WITH (MODULUS 6, REMAINDER 5);
    CREATE TABLE r_other PARTITION OF by_range DEFAULT;
    CREATE TABLE turned (gone int, text text, more text, at date NOT NULL, gone_too text, id bigint NOT NULL);
    INSERT INTO turned SELECT i, 't' || i, 'm', date '2026-01-01' + i % 365, 'x', i FROM generate_series(1, 3000) i;
    ALTER TABLE turned DROP COLUMN gone, DROP COLUMN gone_too, DROP COLUMN more;
    ALTER TABLE by_range ATTACH PARTITION turned FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    INSERT INTO by_range SELECT i, date '2024-06-01' + i % 500, CASE i % 5 WHEN 0 THEN 'a' WHEN 1 THEN 'b' WHEN 2 THEN NULL ELSE 'c' || i END
      FROM generate_series(1, 9000) i;
    INSERT INTO by_range VALUES (-1, 'infinity', 'last'), (-2, '-infinity', 'first'), (-3, '0044-03-15 BC', 'ides');
    CREATE INDEX ON by_range (text);
    CREATE INDEX alone ON ONLY by_range (at);
    CREATE TABLE keyed (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    CREATE TABLE k0 PARTITION OF keyed FOR VALUES FROM (MINVALUE) TO ('2025-01-01'); CREATE TABLE k1 PARTITION OF keyed DEFAULT;
    INSERT INTO keyed SELECT DISTINCT id, at FROM by_range WHERE id > 0;
    CREATE TABLE refers (id bigint, at date, FOREIGN KEY (id, at) REFERENCES keyed) PARTITION BY HASH (id);
    CREATE TABLE refers_0 PARTITION OF refers FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE refers_1 PARTITION OF refers FOR VALUES WITH (MODULUS 2, REMAINDER 1);
    INSERT INTO refers SELECT id, at FROM keyed WHERE id % 7 = 0;

    CREATE TYPE mood AS ENUM ('low', 'high');
    CREATE TABLE by_hash_of_enum (mood mood, n int) PARTITION BY HASH (mood);
    CREATE TABLE h0 PARTITION OF by_hash_of_enum FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE h1 PARTITION OF by_hash_of_enum FOR VALUES WITH (MODULUS 2, REMAINDER 1);
    INSERT INTO by_hash_of_enum SELECT (ARRAY['low', 'high'])[1 + i % 2]::mood, i FROM generate_series(1, 4000) i;

    CREATE TABLE by_expression (a int, b text) PARTITION BY RANGE ((a % 10), lower(b));
    CREATE TABLE e0 PARTITION OF by_expression FOR VALUES FROM (0, MINVALUE) TO (5, MINVALUE);
    CREATE TABLE e1 PARTITION OF by_expression FOR VALUES FROM (5, MINVALUE) TO (MAXVALUE, MAXVALUE);
    INSERT INTO by_expression SELECT i, 'B' || i FROM generate_series(0, 2000) i;
    CREATE TABLE no_partition_at_all (a int) PARTITION BY LIST (a);
  `,
};

export const inheritance: Source = {
  name: 'inheritance',
  what: 'Rows in parents and children alike: a parent must be read without its children',
  sql: () => `
    CREATE TABLE parent (id int NOT NULL, text text DEFAULT 'p', CONSTRAINT own CHECK (id <> 13) NO INHERIT, CONSTRAINT of_all CHECK (id < 1000000));
    CREATE TABLE other_parent (id int NOT NULL, number numeric);
    CREATE TABLE child (local text) INHERITS (parent);
    CREATE TABLE both_child (id int, more int[]) INHERITS (parent, other_parent);
    ALTER TABLE both_child ALTER text SET DEFAULT 'c';
    CREATE TABLE grandchild () INHERITS (child);
    ALTER TABLE parent ADD COLUMN late date DEFAULT '2026-01-01';
    CREATE TABLE adopted (id int NOT NULL, text text, late date, own text, CONSTRAINT of_all CHECK (id < 1000000));
    INSERT INTO parent SELECT i, 'parent ' || i FROM generate_series(100, 3000) i;
    INSERT INTO child (id, text, local) SELECT i, 'child ' || i, 'l' || i FROM generate_series(1, 3000) i;
    INSERT INTO child (id) VALUES (13);
    INSERT INTO both_child (id, text, number, more) SELECT i, 'both', i / 3.0, '{1,NULL}' FROM generate_series(1, 3000) i;
    INSERT INTO grandchild (id, local) SELECT i, 'g' FROM generate_series(1, 3000) i;
    INSERT INTO adopted SELECT i, 'a', NULL, 'o' FROM generate_series(1, 3000) i;
    ALTER TABLE adopted INHERIT parent;
    CREATE TABLE released () INHERITS (parent);
    INSERT INTO released VALUES (1, 'r');
    ALTER TABLE released NO INHERIT parent;
    CREATE TYPE row_type AS (a int, b text);
    CREATE TABLE typed OF row_type (a PRIMARY KEY);
    INSERT INTO typed SELECT i, 't' FROM generate_series(1, 1000) i;
  `,
};
