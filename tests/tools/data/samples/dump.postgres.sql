--
-- PostgreSQL database dump
--
SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;

CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now(); RETURN NEW;
END $$;
ALTER FUNCTION public.touch() OWNER TO app;

CREATE TABLE public.clinic (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name character varying(80) NOT NULL,
    opened_on date DEFAULT '2020-01-01'::date
);
ALTER TABLE public.clinic OWNER TO app;
COMMENT ON TABLE public.clinic IS 'Where patients are seen; one row a site';

CREATE UNLOGGED TABLE public.patient (
    id bigint NOT NULL,
    clinic_id uuid,
    nhs_number character(10),
    blood_group text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT patient_nhs_check CHECK ((length(nhs_number) = 10))
);
CREATE SEQUENCE public.patient_id_seq START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;

COPY public.clinic (id, name, opened_on) FROM stdin;
6a0f1c1e-0b1a-4a52-9d77-2f7a3f1f0a11	St Mary's	2020-01-01
\.

ALTER TABLE ONLY public.clinic
    ADD CONSTRAINT clinic_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.patient
    ADD CONSTRAINT patient_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.patient
    ADD CONSTRAINT patient_nhs_key UNIQUE (nhs_number);
ALTER TABLE ONLY public.patient
    ADD CONSTRAINT patient_clinic_fk FOREIGN KEY (clinic_id) REFERENCES public.clinic(id) ON DELETE CASCADE;
CREATE TRIGGER touch BEFORE UPDATE ON public.patient FOR EACH ROW EXECUTE FUNCTION public.touch();
