/*
 * sqlite_statement.c - prepared statements, and structs to columns and back by tables.
 */

#include <string.h>

#include "sqlite_private.h"

/*
 * Found by the address of the literal: there are some forty, and comparing pointers is cheaper than
 * hashing a text.  A literal that the linker merged with an equal one is prepared once; one that it
 * did not, twice.
 */
struct statement
statement_of(struct sqlite *store, const char *literal)
{
	struct statement s = { .store = store, .code = SQLITE_OK };

	for (size_t i = 0; i < store->cache.count; i++)
		if (store->cache.item[i].text == literal) {
			s.prepared = store->cache.item[i].prepared;
			return s;
		}
	s.code = sqlite3_prepare_v3(
	    store->handle, literal, -1, SQLITE_PREPARE_PERSISTENT, &s.prepared, NULL);
	if (s.code == SQLITE_OK) {
		__typeof__(store->cache.item) cached = GROW(&store->cache);

		cached->text = literal;
		cached->prepared = s.prepared;
	}
	return s;
}

/* The bindings go as well: they point at memory that will not be there at the next use. */
void
statement_end(struct statement *s)
{
	if (s->prepared == NULL)
		return;
	sqlite3_reset(s->prepared);
	sqlite3_clear_bindings(s->prepared);
}

bool
statement_next(struct statement *s)
{
	if (s->code == SQLITE_OK || s->code == SQLITE_ROW)
		s->code = sqlite3_step(s->prepared);
	return s->code == SQLITE_ROW;
}

bool
statement_done(struct statement *s, struct error *err)
{
	if (s->code == SQLITE_OK || s->code == SQLITE_ROW || s->code == SQLITE_DONE)
		return true;
	return sqlite_failed(s->store, s->code, err);
}

bool
statement_run(struct statement *s, struct error *err)
{
	while (statement_next(s))
		;
	return statement_done(s, err);
}

int64_t
sqlite_changed(const struct sqlite *store)
{
	return sqlite3_changes64(store->handle);
}

int64_t
sqlite_added(const struct sqlite *store)
{
	return sqlite3_last_insert_rowid(store->handle);
}

void
bind_text(struct statement *s, int place, const char *text)
{
	if (s->code == SQLITE_OK && text != NULL)
		s->code = sqlite3_bind_text64(
		    s->prepared, place, text, strlen(text), SQLITE_STATIC, SQLITE_UTF8);
}

void
bind_number(struct statement *s, int place, int64_t number)
{
	if (s->code == SQLITE_OK)
		s->code = sqlite3_bind_int64(s->prepared, place, number);
}

void
bind_most(struct statement *s, int place, size_t most)
{
	bind_number(s, place, most < INT64_MAX ? (int64_t)most : INT64_MAX);
}

int64_t
column_number(struct statement *s, int place)
{
	return sqlite3_column_int64(s->prepared, place);
}

const char *
column_text(struct statement *s, struct arena *arena, int place)
{
	const unsigned char *text = sqlite3_column_text(s->prepared, place);

	if (text == NULL)
		return NULL;
	return arena_copy(arena, text, (size_t)sqlite3_column_bytes(s->prepared, place));
}

void
row_bind(struct statement *s, const struct column *columns, const void *row)
{
	int most = s->code == SQLITE_OK ? sqlite3_bind_parameter_count(s->prepared) : 0;

	for (int i = 0; i < most && columns[i].type != COLUMN_END; i++) {
		const char *member = (const char *)row + columns[i].offset;

		switch (columns[i].type) {
		case COLUMN_TEXT:
			bind_text(s, i + 1, *(const char *const *)(const void *)member);
			break;
		case COLUMN_LONG:
			bind_number(s, i + 1, *(const int64_t *)(const void *)member);
			break;
		case COLUMN_INT:
			bind_number(s, i + 1, *(const int *)(const void *)member);
			break;
		case COLUMN_BOOL:
			bind_number(s, i + 1, *(const bool *)member);
			break;
		case COLUMN_DIGEST:
			bind_text(s, i + 1, member);
			break;
		case COLUMN_END:
			break;
		}
	}
}

/* A digest that is not 64 bytes long was not written by us: it is read as an empty one. */
static void
read_digest(struct statement *s, int place, char *digest)
{
	const unsigned char *text = sqlite3_column_text(s->prepared, place);

	memset(digest, 0, DIGEST_HEX);
	if (text != NULL && sqlite3_column_bytes(s->prepared, place) == DIGEST_HEX - 1)
		memcpy(digest, text, DIGEST_HEX - 1);
}

void
row_read(struct statement *s, struct arena *arena, const struct column *columns, void *row)
{
	for (int i = 0; columns[i].type != COLUMN_END; i++) {
		void *member = (char *)row + columns[i].offset;

		switch (columns[i].type) {
		case COLUMN_TEXT:
			*(const char **)member = column_text(s, arena, i);
			break;
		case COLUMN_LONG:
			*(int64_t *)member = column_number(s, i);
			break;
		case COLUMN_INT:
			*(int *)member = (int)column_number(s, i);
			break;
		case COLUMN_BOOL:
			*(bool *)member = column_number(s, i) != 0;
			break;
		case COLUMN_DIGEST:
			read_digest(s, i, member);
			break;
		case COLUMN_END:
			break;
		}
	}
}

bool
statement_list(struct statement *s, struct arena *arena, const struct column *columns, size_t width,
    void *rows, size_t *count, struct error *err)
{
	void *item = NULL;
	size_t found = 0, size = 0;

	while (statement_next(s))
		row_read(s, arena, columns, arena_grow_array(arena, &item, &found, &size, width));
	if (!statement_done(s, err))
		return false;
	memcpy(rows, &item, sizeof(item));
	*count = found;
	return true;
}

bool
statement_find(struct statement *s, struct arena *arena, const struct column *columns, void *row,
    bool *there, struct error *err)
{
	bool found = statement_next(s);

	if (!statement_done(s, err))
		return false;
	if (found)
		row_read(s, arena, columns, row);
	*there = found;
	return true;
}
