-- Roles, memberships and settings of a recovery point, without passwords. Run it in the restored database.

-- Roles
DO 'BEGIN CREATE ROLE "postgres"; EXCEPTION WHEN duplicate_object THEN NULL; END';

-- Attributes: choose what the restored server shall allow, and set a password for those that log in
-- ALTER ROLE "postgres" WITH SUPERUSER INHERIT CREATEROLE CREATEDB LOGIN REPLICATION BYPASSRLS;

-- Memberships

-- Settings
