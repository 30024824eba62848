import type { Source } from '../source.ts';

/** Files that make it available: they go to where a server looks for extensions. */
export const CONFIGURED_EXTENSION = {
  'fidelity_settings.control': `default_version = '1'\nrelocatable = false\nschema = fidelity_settings\n`,
  'fidelity_settings--1.sql': `
    CREATE TABLE settings (name text PRIMARY KEY, value text, is_custom bool DEFAULT true);
    INSERT INTO settings VALUES ('built in', 'x', false), ('also built in', 'y', false);
    CREATE TABLE every_row (id serial, value text);
    CREATE TABLE not_configuration (id int); INSERT INTO not_configuration VALUES (1);
    SELECT pg_catalog.pg_extension_config_dump('settings', 'WHERE is_custom');
    SELECT pg_catalog.pg_extension_config_dump('every_row', '');
    SELECT pg_catalog.pg_extension_config_dump('every_row_id_seq', '');`,
};

export const configuredExtension: Source = {
  name: 'configured_extension',
  what: 'An extension with tables of configuration, of which only some rows are dumped, however large they are',
  needs: ({ extensions }) => extensions.has('fidelity_settings'),
  sql: () => `
    CREATE EXTENSION fidelity_settings;
    INSERT INTO fidelity_settings.settings SELECT 'custom ' || i, repeat('v', i % 100) FROM generate_series(1, 3000) i;
    INSERT INTO fidelity_settings.every_row (value) SELECT 'r' || i FROM generate_series(1, 3000) i;
    CREATE TABLE refers (name text REFERENCES fidelity_settings.settings); INSERT INTO refers SELECT name FROM fidelity_settings.settings WHERE is_custom;
  `,
};
