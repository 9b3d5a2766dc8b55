-- Tables of newsbeam, schema version 3, for DuckDB. Filled from a dataset by, for example,
--   INSERT INTO articles BY NAME SELECT * FROM read_parquet('news/articles/ingest_date=*/*.parquet');

CREATE TABLE articles (
  "row_id" VARCHAR NOT NULL,
  "article_id" VARCHAR NOT NULL,
  "url" VARCHAR NOT NULL,
  "canonical_url" VARCHAR NOT NULL,
  "source" VARCHAR NOT NULL,
  "feed_url" VARCHAR,
  "guid" VARCHAR,
  "title" VARCHAR,
  "authors" VARCHAR[],
  "language" VARCHAR,
  "section" VARCHAR,
  "lead" VARCHAR,
  "text" VARCHAR NOT NULL,
  "image_url" VARCHAR,
  "published_at" TIMESTAMPTZ,
  "published_raw" VARCHAR,
  "published_offset_min" SMALLINT,
  "published_date" DATE,
  "published_precision" VARCHAR,
  "published_from" VARCHAR,
  "fetched_at" TIMESTAMPTZ NOT NULL,
  "processed_at" TIMESTAMPTZ NOT NULL,
  "word_count" INTEGER NOT NULL,
  "content_hash" VARCHAR NOT NULL,
  "places" STRUCT("start" INTEGER, "end" INTEGER, "surface" VARCHAR, "name" VARCHAR, "place_id" VARCHAR, "kind" VARCHAR, "use" VARCHAR, "country" VARCHAR, "admin1" VARCHAR, "lat" DOUBLE, "lon" DOUBLE, "score" DOUBLE, "rule" VARCHAR)[],
  "actors" STRUCT("actor_id" VARCHAR, "name" VARCHAR, "type" VARCHAR, "country" VARCHAR, "plover_country" VARCHAR, "plover_sectors" VARCHAR[], "wikidata" VARCHAR, "provisional" BOOLEAN, "score" DOUBLE, "mentions" STRUCT("start" INTEGER, "end" INTEGER, "surface" VARCHAR, "match" VARCHAR, "metonym" BOOLEAN)[])[],
  "quotes" STRUCT("actor_id" VARCHAR, "verb" VARCHAR, "start" INTEGER, "end" INTEGER)[],
  "links" STRUCT("actor_id" VARCHAR, "place_id" VARCHAR, "start" INTEGER, "end" INTEGER)[],
  "countries" STRUCT("country" VARCHAR, "score" DOUBLE)[],
  "regions" STRUCT("region" VARCHAR, "score" DOUBLE)[],
  "region" VARCHAR NOT NULL,
  "story_id" VARCHAR,
  "near_duplicate_of" VARCHAR,
  "supersedes" VARCHAR,
  "wire_origin" VARCHAR,
  "publisher_family" VARCHAR,
  "extractor" VARCHAR NOT NULL,
  "archive_ref" VARCHAR,
  "pack_version" VARCHAR NOT NULL,
  "pipeline_version" VARCHAR NOT NULL,
  "schema_version" VARCHAR NOT NULL,
  "tag_rules" VARCHAR,
  "is_paywalled" BOOLEAN,
  "ingest_date" DATE NOT NULL
);
COMMENT ON TABLE articles IS 'One row per article and revision: text, metadata, places, actors, region, story.';
COMMENT ON COLUMN articles."row_id" IS 'Hash of article_id, fetched_at and content_hash: the id of this row.';
COMMENT ON COLUMN articles."article_id" IS 'Hash of the canonical URL (of source and guid where there is no link, of the text for a bare document); the prefix names the version of the rule. The same for every revision.';
COMMENT ON COLUMN articles."url" IS 'Link as the feed gave it, made absolute; file URI of a bare document.';
COMMENT ON COLUMN articles."canonical_url" IS 'The article''s one address, without tracking parameters.';
COMMENT ON COLUMN articles."source" IS 'Registrable domain of the feed, or the feed''s own id from the feed list.';
COMMENT ON COLUMN articles."feed_url" IS 'Feed that the article came by; null for a bare document.';
COMMENT ON COLUMN articles."guid" IS 'The entry''s id within its feed; the record''s id where it came from a WARC file.';
COMMENT ON COLUMN articles."title" IS 'Headline without the site''s name; null where there is none.';
COMMENT ON COLUMN articles."authors" IS 'People named as authors.';
COMMENT ON COLUMN articles."language" IS 'ISO 639-1 code of the text''s language.';
COMMENT ON COLUMN articles."section" IS 'Section of the site, as the page states it.';
COMMENT ON COLUMN articles."lead" IS 'The page''s own description or standfirst.';
COMMENT ON COLUMN articles."text" IS 'Article text without boilerplate; paragraphs are parted by one line feed.';
COMMENT ON COLUMN articles."image_url" IS 'Address of the main image.';
COMMENT ON COLUMN articles."published_at" IS 'When it was published, by the publisher; midnight UTC where published_precision is day or coarser; null if unknown.';
COMMENT ON COLUMN articles."published_raw" IS 'The date as it was written.';
COMMENT ON COLUMN articles."published_offset_min" IS 'Offset from UTC in minutes as stated; null if unstated.';
COMMENT ON COLUMN articles."published_date" IS 'Local calendar day of publication.';
COMMENT ON COLUMN articles."published_precision" IS 'year, month, day, minute or second.';
COMMENT ON COLUMN articles."published_from" IS 'Where the date was read: page, feed, url or text. Never the ingest time.';
COMMENT ON COLUMN articles."fetched_at" IS 'When the page (or file) was read.';
COMMENT ON COLUMN articles."processed_at" IS 'When this row was made; a replay makes a later one.';
COMMENT ON COLUMN articles."word_count" IS 'Words in text.';
COMMENT ON COLUMN articles."content_hash" IS 'Hash of title and text; changes when a reader would see a change.';
COMMENT ON COLUMN articles."places" IS 'Mentions of places. start and end count Unicode code points of title + two line feeds + text (of text alone where title is null). use: literal, adjectival, metonymic. place_id: gn:<GeoNames id>, m49:<UN M49 code>, pack:<id in a pack>; where GeoNames'' id of a division is not known iso:<ISO 3166-2> or gn-adm1:<GeoNames ADM1 code>; fips:<code> for US counties; area:<name> for English counties and landscapes; text:<name> for streets, waters and parks that only the text names (rule feature: country and admin1 are those of the place named beside them).';
COMMENT ON COLUMN articles."actors" IS 'Actors with their mentions. plover_*: PLOVER country and sectors valid at the article''s date. provisional: not in any pack. match: alias, acronym, weak, coref, role, metonym, …';
COMMENT ON COLUMN articles."quotes" IS 'Who said what: speaker, verb and the quoted span.';
COMMENT ON COLUMN articles."links" IS 'Pairs of actor and place in one sentence.';
COMMENT ON COLUMN articles."countries" IS 'Countries the article is about, by share of focus.';
COMMENT ON COLUMN articles."regions" IS 'Watch regions and macro-regions, by share of focus.';
COMMENT ON COLUMN articles."region" IS 'The primary watch region, else the macro-region''s slug, else none.';
COMMENT ON COLUMN articles."story_id" IS 'The story that the article belongs to; final once written (see story_links).';
COMMENT ON COLUMN articles."near_duplicate_of" IS 'article_id of the earlier article that this one repeats.';
COMMENT ON COLUMN articles."supersedes" IS 'row_id of the revision before this one.';
COMMENT ON COLUMN articles."wire_origin" IS 'News agency that the text or its page credits.';
COMMENT ON COLUMN articles."publisher_family" IS 'Owner or group of the publisher, from the feed list, else from the file of publishers.';
COMMENT ON COLUMN articles."extractor" IS 'Extraction path that won, with its library''s version.';
COMMENT ON COLUMN articles."archive_ref" IS 'The WARC record that holds the fetched bytes: file#byte:record id, the file under the dataset''s folder or a URI.';
COMMENT ON COLUMN articles."pack_version" IS 'Versions of the packs and gazetteer that made the tags.';
COMMENT ON COLUMN articles."pipeline_version" IS 'Version of newsbeam that made the row.';
COMMENT ON COLUMN articles."schema_version" IS 'Version of these columns that the row was written with.';
COMMENT ON COLUMN articles."tag_rules" IS 'Language whose rules made the tags: en, ru, or names where only names of packs and gazetteer were looked for.';
COMMENT ON COLUMN articles."is_paywalled" IS 'True where the page says that not everybody may read all of it (the text is then often its beginning only), false where it says that everybody may, null where it says neither.';

CREATE TABLE failures (
  "stage" VARCHAR NOT NULL,
  "reason" VARCHAR NOT NULL,
  "key" VARCHAR NOT NULL,
  "url" VARCHAR,
  "message" VARCHAR NOT NULL,
  "failed_at" TIMESTAMPTZ NOT NULL,
  "feed_url" VARCHAR,
  "source" VARCHAR,
  "attempt" INTEGER NOT NULL,
  "archive_ref" VARCHAR,
  "pipeline_version" VARCHAR NOT NULL,
  "schema_version" VARCHAR NOT NULL,
  "ingest_date" DATE NOT NULL
);
COMMENT ON TABLE failures IS 'One row per thing that could not be done: which stage, why, and what it was.';
COMMENT ON COLUMN failures."stage" IS 'poll, parse, read, fetch, extract or tag.';
COMMENT ON COLUMN failures."reason" IS 'Why, from the closed list of reasons below.';
COMMENT ON COLUMN failures."key" IS 'Key of the entry or document; the feed''s URL for a failed poll; the row_id of a stored article that could not be tagged anew, or that has the feed''s own words as its page could not be had.';
COMMENT ON COLUMN failures."url" IS 'Address of what failed.';
COMMENT ON COLUMN failures."message" IS 'What happened, for a person.';
COMMENT ON COLUMN failures."failed_at" IS 'When.';
COMMENT ON COLUMN failures."feed_url" IS 'Feed that it came by.';
COMMENT ON COLUMN failures."source" IS 'As in articles.';
COMMENT ON COLUMN failures."attempt" IS '1 for the first try.';
COMMENT ON COLUMN failures."archive_ref" IS 'The WARC record that holds the bytes that failed, as in articles.';
COMMENT ON COLUMN failures."pipeline_version" IS 'Version of newsbeam that made the row.';
COMMENT ON COLUMN failures."schema_version" IS 'Version of these columns that the row was written with.';

CREATE TABLE polls (
  "poll_id" VARCHAR NOT NULL,
  "feed_url" VARCHAR NOT NULL,
  "source" VARCHAR NOT NULL,
  "due_at" TIMESTAMPTZ NOT NULL,
  "polled_at" TIMESTAMPTZ NOT NULL,
  "outcome" VARCHAR NOT NULL,
  "reason" VARCHAR,
  "http_status" SMALLINT,
  "final_url" VARCHAR,
  "entries_seen" INTEGER NOT NULL,
  "entries_new" INTEGER NOT NULL,
  "entries_unchanged" INTEGER NOT NULL,
  "entries_duplicate" INTEGER NOT NULL,
  "entries_failed" INTEGER NOT NULL,
  "body_bytes" BIGINT NOT NULL,
  "elapsed_ms" INTEGER NOT NULL,
  "rule" VARCHAR NOT NULL,
  "next_due_at" TIMESTAMPTZ NOT NULL,
  "message" VARCHAR,
  "pipeline_version" VARCHAR NOT NULL,
  "schema_version" VARCHAR NOT NULL,
  "ingest_date" DATE NOT NULL
);
COMMENT ON TABLE polls IS 'One row per poll of a feed: what was asked, what came, when next and why.';
COMMENT ON COLUMN polls."poll_id" IS 'Hash of feed_url and due_at.';
COMMENT ON COLUMN polls."feed_url" IS 'The feed.';
COMMENT ON COLUMN polls."source" IS 'As in articles.';
COMMENT ON COLUMN polls."due_at" IS 'When the poll was due.';
COMMENT ON COLUMN polls."polled_at" IS 'When it was done.';
COMMENT ON COLUMN polls."outcome" IS 'new_entries, no_new_entries, not_modified, same_body, empty or failed.';
COMMENT ON COLUMN polls."reason" IS 'Why it failed; null if it did not.';
COMMENT ON COLUMN polls."http_status" IS 'HTTP status; null where no answer came.';
COMMENT ON COLUMN polls."final_url" IS 'Address after redirects.';
COMMENT ON COLUMN polls."entries_seen" IS 'Entries in the feed''s body.';
COMMENT ON COLUMN polls."entries_new" IS 'Entries that were new or changed and now wait to be fetched.';
COMMENT ON COLUMN polls."entries_unchanged" IS 'Entries seen before, with nothing changed.';
COMMENT ON COLUMN polls."entries_duplicate" IS 'Entries that repeat another one''s link or id.';
COMMENT ON COLUMN polls."entries_failed" IS 'Entries that could not be used.';
COMMENT ON COLUMN polls."body_bytes" IS 'Size of the body in bytes.';
COMMENT ON COLUMN polls."elapsed_ms" IS 'From request to complete body, in milliseconds.';
COMMENT ON COLUMN polls."rule" IS 'Rule that set next_due_at.';
COMMENT ON COLUMN polls."next_due_at" IS 'When the feed is due next.';
COMMENT ON COLUMN polls."message" IS 'What went wrong, for a person.';
COMMENT ON COLUMN polls."pipeline_version" IS 'Version of newsbeam that made the row.';
COMMENT ON COLUMN polls."schema_version" IS 'Version of these columns that the row was written with.';

CREATE TABLE story_links (
  "story_id" VARCHAR NOT NULL,
  "joined_story_id" VARCHAR NOT NULL,
  "evidence" VARCHAR NOT NULL,
  "linked_at" TIMESTAMPTZ NOT NULL,
  "pipeline_version" VARCHAR NOT NULL,
  "schema_version" VARCHAR NOT NULL,
  "ingest_date" DATE NOT NULL
);
COMMENT ON TABLE story_links IS 'Later merges of stories: the story_id of a written row is final, a merge is a row here.';
COMMENT ON COLUMN story_links."story_id" IS 'The story that stays.';
COMMENT ON COLUMN story_links."joined_story_id" IS 'The story that turned out to be the same.';
COMMENT ON COLUMN story_links."evidence" IS 'What showed it.';
COMMENT ON COLUMN story_links."linked_at" IS 'When.';
COMMENT ON COLUMN story_links."pipeline_version" IS 'Version of newsbeam that made the row.';
COMMENT ON COLUMN story_links."schema_version" IS 'Version of these columns that the row was written with.';
