-- Roles, memberships and settings of a recovery point, without passwords. Run it in the restored database.

-- Roles
DO 'BEGIN CREATE ROLE "postgres"; EXCEPTION WHEN duplicate_object THEN NULL; END';
DO 'BEGIN CREATE ROLE "reader_9d0304"; EXCEPTION WHEN duplicate_object THEN NULL; END';
DO 'BEGIN CREATE ROLE "tenant_9d0304"; EXCEPTION WHEN duplicate_object THEN NULL; END';

-- Attributes: choose what the restored server shall allow, and set a password for those that log in
-- ALTER ROLE "postgres" WITH SUPERUSER INHERIT CREATEROLE CREATEDB LOGIN REPLICATION BYPASSRLS;
-- ALTER ROLE "reader_9d0304" WITH NOSUPERUSER INHERIT NOCREATEROLE CREATEDB LOGIN NOREPLICATION BYPASSRLS;
-- ALTER ROLE "tenant_9d0304" WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB NOLOGIN NOREPLICATION NOBYPASSRLS;

-- Memberships
GRANT "pg_read_all_data" TO "reader_9d0304";

-- Settings
