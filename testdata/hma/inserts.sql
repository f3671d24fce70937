--
-- The same rows as in dump.sql, as pg_dump --column-inserts writes them
--

SET standard_conforming_strings = on;

INSERT INTO public.bank (id, name, enabled_ratio, import_from_exchange_id) VALUES (1, 'MADE_UP', 1, NULL);
INSERT INTO public.bank (id, name, enabled_ratio, import_from_exchange_id) VALUES (2, 'HALF_ON', 0.5, NULL);
INSERT INTO public.bank (id, name, enabled_ratio, import_from_exchange_id) VALUES (3, 'EMPTY_YET', 0, NULL);
INSERT INTO public.bank (id, name, enabled_ratio, import_from_exchange_id) VALUES (5, '_UNDERSCORE', 1, NULL);
INSERT INTO public.bank_content (id, bank_id, imported_from_id, disable_until_ts, original_content_uri, bank_content_metadata, note) VALUES (1, 1, NULL, 1, NULL, NULL, NULL);
INSERT INTO public.bank_content (id, bank_id, imported_from_id, disable_until_ts, original_content_uri, bank_content_metadata, note) VALUES (2, 1, NULL, 0, NULL, '{"content_id": "type1:item2", "json": {"source": "report", "path": "a\\b"}}', 'switched off
for good; it''s made up');
INSERT INTO public.bank_content (id, bank_id, imported_from_id, disable_until_ts, original_content_uri, bank_content_metadata, note) VALUES (7, 2, NULL, 1600000000, 'https://a.example/x', NULL, NULL);
INSERT INTO public.bank_content (id, bank_id, imported_from_id, disable_until_ts, original_content_uri, bank_content_metadata, note) VALUES (8, 2, NULL, 1, NULL, '{"content_uri": "u", "other": 1}', 'Ä tab	here');
INSERT INTO public.bank_content (id, bank_id, imported_from_id, disable_until_ts, original_content_uri, bank_content_metadata, note) VALUES (9, 2, NULL, 1, NULL, NULL, NULL);
INSERT INTO public.bank_content (id, bank_id, imported_from_id, disable_until_ts, original_content_uri, bank_content_metadata, note) VALUES (10, 5, NULL, 1, NULL, NULL, NULL);
INSERT INTO public.content_signal (content_id, signal_type, signal_val, create_time) VALUES (2, 'pdq', 'facd8bcb2a49bcebdec1985298d5fe84bcd006c187c598c720c3c087b3fdb318', '2030-01-02 03:04:05.678+00');
INSERT INTO public.content_signal (content_id, signal_type, signal_val, create_time) VALUES (1, 'pdq', 'f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22', '2030-01-02 03:04:05.678+00');
INSERT INTO public.content_signal (content_id, signal_type, signal_val, create_time) VALUES (7, 'video_md5', 'C0FFEE00C0FFEE00C0FFEE00C0FFEE00', '2030-01-02 03:04:05.678+00');
INSERT INTO public.content_signal (content_id, signal_type, signal_val, create_time) VALUES (8, 'pdq', '5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e', '2030-01-02 03:04:05.678+00');
INSERT INTO public.content_signal (content_id, signal_type, signal_val, create_time) VALUES (8, 'video_md5', 'c1ffee00c0ffee00c0ffee00c0ffee00', '2030-01-02 03:04:05.678+00');
INSERT INTO public.content_signal (content_id, signal_type, signal_val, create_time) VALUES (8, 'raw_text', 'some words', '2030-01-02 03:04:05.678+00');
INSERT INTO public.content_signal (content_id, signal_type, signal_val, create_time) VALUES (9, 'trend_query', '{"and": []}', '2030-01-02 03:04:05.678+00');
INSERT INTO public.content_signal (content_id, signal_type, signal_val, create_time) VALUES (10, 'pdq', 'facd8bcb2a49bcebdec1985228d5ae84bcd006c187c598c720c2b087b3fdb318', '2030-01-02 03:04:05.678+00');
INSERT INTO public.signal_type_override (id, name, enabled_ratio) VALUES (1, 'video_md5', 0.75);
INSERT INTO public.exchange (id, name, api_cls) VALUES (1, 'OTHER; (table)', 'sample');
