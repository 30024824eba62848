--
-- PostgreSQL database dump
--

\restrict U4VSU3c9yynJcyaXIQD9U0kBq2izcM2o8rzd8G1Dv5esl1L9ZFWj6ULRpkgCnDO

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

DROP POLICY IF EXISTS own_credentials ON public.credentials;
ALTER TABLE IF EXISTS ONLY public.wallets DROP CONSTRAINT IF EXISTS wallets_user_id_fkey;
ALTER TABLE IF EXISTS ONLY public.documents DROP CONSTRAINT IF EXISTS documents_user_id_fkey;
ALTER TABLE IF EXISTS ONLY public.credentials DROP CONSTRAINT IF EXISTS credentials_user_id_fkey;
ALTER TABLE IF EXISTS public.audit_log DROP CONSTRAINT IF EXISTS audit_log_actor_fkey;
DROP INDEX IF EXISTS public.credentials_claims;
DROP INDEX IF EXISTS public.credentials_by_user;
ALTER TABLE IF EXISTS ONLY public.wallets DROP CONSTRAINT IF EXISTS wallets_user_id_key;
ALTER TABLE IF EXISTS ONLY public.wallets DROP CONSTRAINT IF EXISTS wallets_pkey;
ALTER TABLE IF EXISTS ONLY public.users DROP CONSTRAINT IF EXISTS users_pkey;
ALTER TABLE IF EXISTS ONLY public.users DROP CONSTRAINT IF EXISTS users_email_key;
ALTER TABLE IF EXISTS ONLY public.users DROP CONSTRAINT IF EXISTS users_did_key;
ALTER TABLE IF EXISTS ONLY public.documents DROP CONSTRAINT IF EXISTS documents_pkey;
ALTER TABLE IF EXISTS ONLY public.credentials DROP CONSTRAINT IF EXISTS credentials_receipt_key;
ALTER TABLE IF EXISTS ONLY public.credentials DROP CONSTRAINT IF EXISTS credentials_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log_other DROP CONSTRAINT IF EXISTS audit_log_other_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log_2026_11 DROP CONSTRAINT IF EXISTS audit_log_2026_11_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log_2026_10 DROP CONSTRAINT IF EXISTS audit_log_2026_10_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log_2026_09 DROP CONSTRAINT IF EXISTS audit_log_2026_09_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log_2026_08 DROP CONSTRAINT IF EXISTS audit_log_2026_08_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log_2026_07 DROP CONSTRAINT IF EXISTS audit_log_2026_07_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log_2026_06 DROP CONSTRAINT IF EXISTS audit_log_2026_06_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log_2026_05 DROP CONSTRAINT IF EXISTS audit_log_2026_05_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log_2026_04 DROP CONSTRAINT IF EXISTS audit_log_2026_04_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log_2026_03 DROP CONSTRAINT IF EXISTS audit_log_2026_03_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log_2026_02 DROP CONSTRAINT IF EXISTS audit_log_2026_02_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log_2026_01 DROP CONSTRAINT IF EXISTS audit_log_2026_01_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log_2025_12 DROP CONSTRAINT IF EXISTS audit_log_2025_12_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log_2025_11 DROP CONSTRAINT IF EXISTS audit_log_2025_11_pkey;
ALTER TABLE IF EXISTS ONLY public.audit_log DROP CONSTRAINT IF EXISTS audit_log_pkey;
DROP TABLE IF EXISTS public.wallets;
DROP TABLE IF EXISTS public.users;
DROP TABLE IF EXISTS public.documents;
DROP MATERIALIZED VIEW IF EXISTS public.credentials_per_state;
DROP TABLE IF EXISTS public.credentials;
DROP TABLE IF EXISTS public.audit_log_other;
DROP TABLE IF EXISTS public.audit_log_2026_11;
DROP TABLE IF EXISTS public.audit_log_2026_10;
DROP TABLE IF EXISTS public.audit_log_2026_09;
DROP TABLE IF EXISTS public.audit_log_2026_08;
DROP TABLE IF EXISTS public.audit_log_2026_07;
DROP TABLE IF EXISTS public.audit_log_2026_06;
DROP TABLE IF EXISTS public.audit_log_2026_05;
DROP TABLE IF EXISTS public.audit_log_2026_04;
DROP TABLE IF EXISTS public.audit_log_2026_03;
DROP TABLE IF EXISTS public.audit_log_2026_02;
DROP TABLE IF EXISTS public.audit_log_2026_01;
DROP TABLE IF EXISTS public.audit_log_2025_12;
DROP TABLE IF EXISTS public.audit_log_2025_11;
DROP TABLE IF EXISTS public.audit_log;
DROP SEQUENCE IF EXISTS ledger.receipt_number;
DROP FUNCTION IF EXISTS public.revoke_credential(which bigint);
DROP DOMAIN IF EXISTS public.did;
DROP TYPE IF EXISTS public.credential_state;
DROP SCHEMA IF EXISTS ledger;
--
-- Name: ledger; Type: SCHEMA; Schema: -; Owner: postgres
--

CREATE SCHEMA ledger;


ALTER SCHEMA ledger OWNER TO postgres;

--
-- Name: credential_state; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.credential_state AS ENUM (
    'issued',
    'suspended',
    'revoked'
);


ALTER TYPE public.credential_state OWNER TO postgres;

--
-- Name: did; Type: DOMAIN; Schema: public; Owner: postgres
--

CREATE DOMAIN public.did AS text
	CONSTRAINT did_check CHECK ((VALUE ~~ 'did:%'::text));


ALTER DOMAIN public.did OWNER TO postgres;

--
-- Name: revoke_credential(bigint); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.revoke_credential(which bigint) RETURNS void
    LANGUAGE sql
    AS $$ update credentials set state = 'revoked' where id = which $$;


ALTER FUNCTION public.revoke_credential(which bigint) OWNER TO postgres;

--
-- Name: receipt_number; Type: SEQUENCE; Schema: ledger; Owner: postgres
--

CREATE SEQUENCE ledger.receipt_number
    START WITH 100000
    INCREMENT BY 7
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE ledger.receipt_number OWNER TO postgres;

SET default_tablespace = '';

--
-- Name: audit_log; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
)
PARTITION BY RANGE (at);


ALTER TABLE public.audit_log OWNER TO postgres;

SET default_table_access_method = heap;

--
-- Name: audit_log_2025_11; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log_2025_11 (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
);


ALTER TABLE public.audit_log_2025_11 OWNER TO postgres;

--
-- Name: audit_log_2025_12; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log_2025_12 (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
);


ALTER TABLE public.audit_log_2025_12 OWNER TO postgres;

--
-- Name: audit_log_2026_01; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log_2026_01 (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
);


ALTER TABLE public.audit_log_2026_01 OWNER TO postgres;

--
-- Name: audit_log_2026_02; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log_2026_02 (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
);


ALTER TABLE public.audit_log_2026_02 OWNER TO postgres;

--
-- Name: audit_log_2026_03; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log_2026_03 (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
);


ALTER TABLE public.audit_log_2026_03 OWNER TO postgres;

--
-- Name: audit_log_2026_04; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log_2026_04 (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
);


ALTER TABLE public.audit_log_2026_04 OWNER TO postgres;

--
-- Name: audit_log_2026_05; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log_2026_05 (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
);


ALTER TABLE public.audit_log_2026_05 OWNER TO postgres;

--
-- Name: audit_log_2026_06; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log_2026_06 (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
);


ALTER TABLE public.audit_log_2026_06 OWNER TO postgres;

--
-- Name: audit_log_2026_07; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log_2026_07 (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
);


ALTER TABLE public.audit_log_2026_07 OWNER TO postgres;

--
-- Name: audit_log_2026_08; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log_2026_08 (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
);


ALTER TABLE public.audit_log_2026_08 OWNER TO postgres;

--
-- Name: audit_log_2026_09; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log_2026_09 (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
);


ALTER TABLE public.audit_log_2026_09 OWNER TO postgres;

--
-- Name: audit_log_2026_10; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log_2026_10 (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
);


ALTER TABLE public.audit_log_2026_10 OWNER TO postgres;

--
-- Name: audit_log_2026_11; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log_2026_11 (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
);


ALTER TABLE public.audit_log_2026_11 OWNER TO postgres;

--
-- Name: audit_log_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

ALTER TABLE public.audit_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: audit_log_other; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.audit_log_other (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor bigint,
    action text NOT NULL,
    detail jsonb NOT NULL
);


ALTER TABLE public.audit_log_other OWNER TO postgres;

--
-- Name: credentials; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.credentials (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    receipt bigint DEFAULT nextval('ledger.receipt_number'::regclass) NOT NULL,
    state public.credential_state DEFAULT 'issued'::public.credential_state NOT NULL,
    claims jsonb NOT NULL,
    issued_at timestamp with time zone NOT NULL
);


ALTER TABLE public.credentials OWNER TO postgres;

--
-- Name: credentials_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

ALTER TABLE public.credentials ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.credentials_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: credentials_per_state; Type: MATERIALIZED VIEW; Schema: public; Owner: postgres
--

CREATE MATERIALIZED VIEW public.credentials_per_state AS
 SELECT credentials.state,
    count(*) AS credentials
   FROM public.credentials
  GROUP BY credentials.state
  WITH NO DATA;


ALTER TABLE public.credentials_per_state OWNER TO postgres;

--
-- Name: documents; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.documents (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    content oid NOT NULL
);


ALTER TABLE public.documents OWNER TO postgres;

--
-- Name: documents_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

ALTER TABLE public.documents ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.documents_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: users; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.users (
    id bigint NOT NULL,
    did public.did NOT NULL,
    email text NOT NULL,
    display_name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


ALTER TABLE public.users OWNER TO postgres;

--
-- Name: users_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

ALTER TABLE public.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: wallets; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.wallets (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    wallet_share bytea NOT NULL,
    network text DEFAULT 'mainnet'::text NOT NULL
);


ALTER TABLE public.wallets OWNER TO postgres;

--
-- Name: TABLE wallets; Type: COMMENT; Schema: public; Owner: postgres
--

COMMENT ON TABLE public.wallets IS 'Server shares of embedded wallets; unreadable without WALLET_ENCRYPTION_KEY';


--
-- Name: wallets_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

ALTER TABLE public.wallets ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.wallets_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: audit_log_2025_11; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2025_11 FOR VALUES FROM ('2025-11-01 00:00:00+00') TO ('2025-12-01 00:00:00+00');


--
-- Name: audit_log_2025_12; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2025_12 FOR VALUES FROM ('2025-12-01 00:00:00+00') TO ('2026-01-01 00:00:00+00');


--
-- Name: audit_log_2026_01; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2026_01 FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-02-01 00:00:00+00');


--
-- Name: audit_log_2026_02; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2026_02 FOR VALUES FROM ('2026-02-01 00:00:00+00') TO ('2026-03-01 00:00:00+00');


--
-- Name: audit_log_2026_03; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2026_03 FOR VALUES FROM ('2026-03-01 00:00:00+00') TO ('2026-04-01 00:00:00+00');


--
-- Name: audit_log_2026_04; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2026_04 FOR VALUES FROM ('2026-04-01 00:00:00+00') TO ('2026-05-01 00:00:00+00');


--
-- Name: audit_log_2026_05; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2026_05 FOR VALUES FROM ('2026-05-01 00:00:00+00') TO ('2026-06-01 00:00:00+00');


--
-- Name: audit_log_2026_06; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2026_06 FOR VALUES FROM ('2026-06-01 00:00:00+00') TO ('2026-07-01 00:00:00+00');


--
-- Name: audit_log_2026_07; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2026_07 FOR VALUES FROM ('2026-07-01 00:00:00+00') TO ('2026-08-01 00:00:00+00');


--
-- Name: audit_log_2026_08; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2026_08 FOR VALUES FROM ('2026-08-01 00:00:00+00') TO ('2026-09-01 00:00:00+00');


--
-- Name: audit_log_2026_09; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2026_09 FOR VALUES FROM ('2026-09-01 00:00:00+00') TO ('2026-10-01 00:00:00+00');


--
-- Name: audit_log_2026_10; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2026_10 FOR VALUES FROM ('2026-10-01 00:00:00+00') TO ('2026-11-01 00:00:00+00');


--
-- Name: audit_log_2026_11; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2026_11 FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00');


--
-- Name: audit_log_other; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_other DEFAULT;


--
-- Name: audit_log audit_log_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2025_11 audit_log_2025_11_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log_2025_11
    ADD CONSTRAINT audit_log_2025_11_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2025_12 audit_log_2025_12_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log_2025_12
    ADD CONSTRAINT audit_log_2025_12_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2026_01 audit_log_2026_01_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log_2026_01
    ADD CONSTRAINT audit_log_2026_01_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2026_02 audit_log_2026_02_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log_2026_02
    ADD CONSTRAINT audit_log_2026_02_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2026_03 audit_log_2026_03_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log_2026_03
    ADD CONSTRAINT audit_log_2026_03_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2026_04 audit_log_2026_04_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log_2026_04
    ADD CONSTRAINT audit_log_2026_04_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2026_05 audit_log_2026_05_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log_2026_05
    ADD CONSTRAINT audit_log_2026_05_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2026_06 audit_log_2026_06_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log_2026_06
    ADD CONSTRAINT audit_log_2026_06_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2026_07 audit_log_2026_07_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log_2026_07
    ADD CONSTRAINT audit_log_2026_07_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2026_08 audit_log_2026_08_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log_2026_08
    ADD CONSTRAINT audit_log_2026_08_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2026_09 audit_log_2026_09_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log_2026_09
    ADD CONSTRAINT audit_log_2026_09_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2026_10 audit_log_2026_10_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log_2026_10
    ADD CONSTRAINT audit_log_2026_10_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2026_11 audit_log_2026_11_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log_2026_11
    ADD CONSTRAINT audit_log_2026_11_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_other audit_log_other_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.audit_log_other
    ADD CONSTRAINT audit_log_other_pkey PRIMARY KEY (id, at);


--
-- Name: credentials credentials_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.credentials
    ADD CONSTRAINT credentials_pkey PRIMARY KEY (id);


--
-- Name: credentials credentials_receipt_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.credentials
    ADD CONSTRAINT credentials_receipt_key UNIQUE (receipt);


--
-- Name: documents documents_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (id);


--
-- Name: users users_did_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_did_key UNIQUE (did);


--
-- Name: users users_email_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key UNIQUE (email);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: wallets wallets_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.wallets
    ADD CONSTRAINT wallets_pkey PRIMARY KEY (id);


--
-- Name: wallets wallets_user_id_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.wallets
    ADD CONSTRAINT wallets_user_id_key UNIQUE (user_id);


--
-- Name: credentials_by_user; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX credentials_by_user ON public.credentials USING btree (user_id, issued_at DESC);


--
-- Name: credentials_claims; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX credentials_claims ON public.credentials USING gin (claims jsonb_path_ops);


--
-- Name: audit_log_2025_11_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2025_11_pkey;


--
-- Name: audit_log_2025_12_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2025_12_pkey;


--
-- Name: audit_log_2026_01_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2026_01_pkey;


--
-- Name: audit_log_2026_02_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2026_02_pkey;


--
-- Name: audit_log_2026_03_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2026_03_pkey;


--
-- Name: audit_log_2026_04_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2026_04_pkey;


--
-- Name: audit_log_2026_05_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2026_05_pkey;


--
-- Name: audit_log_2026_06_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2026_06_pkey;


--
-- Name: audit_log_2026_07_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2026_07_pkey;


--
-- Name: audit_log_2026_08_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2026_08_pkey;


--
-- Name: audit_log_2026_09_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2026_09_pkey;


--
-- Name: audit_log_2026_10_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2026_10_pkey;


--
-- Name: audit_log_2026_11_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2026_11_pkey;


--
-- Name: audit_log_other_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_other_pkey;


--
-- Name: audit_log audit_log_actor_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE public.audit_log
    ADD CONSTRAINT audit_log_actor_fkey FOREIGN KEY (actor) REFERENCES public.users(id);


--
-- Name: credentials credentials_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.credentials
    ADD CONSTRAINT credentials_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);


--
-- Name: documents documents_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);


--
-- Name: wallets wallets_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.wallets
    ADD CONSTRAINT wallets_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: credentials; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.credentials ENABLE ROW LEVEL SECURITY;

--
-- Name: credentials own_credentials; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY own_credentials ON public.credentials TO tenant_9d0304 USING ((user_id = (current_setting('ida.user_id'::text, true))::bigint));


--
-- Name: TABLE credentials; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.credentials TO tenant_9d0304;


--
-- PostgreSQL database dump complete
--

\unrestrict U4VSU3c9yynJcyaXIQD9U0kBq2izcM2o8rzd8G1Dv5esl1L9ZFWj6ULRpkgCnDO

