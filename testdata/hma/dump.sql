--
-- PostgreSQL database dump: made-up rows in the form of HMA's tables
--

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;

--
-- Data for Name: bank; Type: TABLE DATA; Schema: public; Owner: media_match
--

COPY public.bank (id, name, enabled_ratio, import_from_exchange_id) FROM stdin;
1	MADE_UP	1	\N
2	HALF_ON	0.5	\N
3	EMPTY_YET	0	\N
5	_UNDERSCORE	1	\N
\.


COPY public.bank_content (id, bank_id, imported_from_id, disable_until_ts, original_content_uri, bank_content_metadata, note) FROM stdin;
1	1	\N	1	\N	\N	\N
2	1	\N	0	\N	{"content_id": "type1:item2", "json": {"source": "report", "path": "a\\\\b"}}	switched off\nfor good; it's made up
7	2	\N	1600000000	https://a.example/x	\N	\N
8	2	\N	1	\N	{"content_uri": "u", "other": 1}	Ä tab\there
9	2	\N	1	\N	\N	\N
10	5	\N	1	\N	\N	\N
\.


COPY public.content_signal (content_id, signal_type, signal_val, create_time) FROM stdin;
2	pdq	facd8bcb2a49bcebdec1985298d5fe84bcd006c187c598c720c3c087b3fdb318	2030-01-02 03:04:05.678+00
1	pdq	f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22	2030-01-02 03:04:05.678+00
7	video_md5	C0FFEE00C0FFEE00C0FFEE00C0FFEE00	2030-01-02 03:04:05.678+00
8	pdq	5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e	2030-01-02 03:04:05.678+00
8	video_md5	c1ffee00c0ffee00c0ffee00c0ffee00	2030-01-02 03:04:05.678+00
8	raw_text	some words	2030-01-02 03:04:05.678+00
9	trend_query	{"and": []}	2030-01-02 03:04:05.678+00
10	pdq	facd8bcb2a49bcebdec1985228d5ae84bcd006c187c598c720c2b087b3fdb318	2030-01-02 03:04:05.678+00
\.


COPY public.exchange (id, name, api_cls) FROM stdin;
\.


COPY public.signal_type_override (id, name, enabled_ratio) FROM stdin;
1	video_md5	0.75
\.


--
-- PostgreSQL database dump complete
--
