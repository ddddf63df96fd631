/* language.c - a talk's text as statements of words, quoted texts and blocks. */

#include "language.h"

#include <string.h>

#include "base/text.h"
#include "base/when.h"

#define BLANKS " \t\r"

struct scan {
	struct arena *arena;
	const char *path, *at, *line_start;
	int line;
	struct error *err;
};

static bool
scan_wrong(const struct scan *scan, int line, const char *what)
{
	return wrong(scan->err, "%s:%d: %s", scan->path, line, what);
}

static void
next_line(struct scan *scan)
{
	scan->at++;
	scan->line_start = scan->at;
	scan->line++;
}

static bool
is_comment(const struct scan *scan)
{
	if (scan->at[0] != '#')
		return false;
	return scan->line_start + strspn(scan->line_start, BLANKS) == scan->at ||
	    strchr(" \t\r\n#", scan->at[1]) != NULL;	/* '\0' too */
}

/* To the next token of this line; the line's end is one. */
static void
skip_blanks(struct scan *scan)
{
	scan->at += strspn(scan->at, BLANKS);
	if (is_comment(scan))
		scan->at += strcspn(scan->at, "\n");
}

static struct token *
add_token(struct scan *scan, struct statement *statement, enum token_kind kind, int line)
{
	struct token *token = ARENA_GROW(scan->arena, &statement->tokens);

	token->kind = kind;
	token->line = line;
	return token;
}

static void
add_escaped(struct text *text, char c)
{
	if (c == 'n' || c == 't')
		text_add_char(text, c == 'n' ? '\n' : '\t');
	else if (c == '"' || c == '\\')
		text_add_char(text, c);
	else {
		text_add_char(text, '\\');
		text_add_char(text, c);
	}
}

static bool
read_text(struct scan *scan, struct statement *statement)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;
	int line = scan->line;

	for (scan->at++; *scan->at != '"'; scan->at++) {
		if (*scan->at == '\0')
			return scan_wrong(scan, line, "this text is never closed");
		if (*scan->at == '\n') {
			scan->line++;
			scan->line_start = scan->at + 1;
		}
		if (*scan->at == '\\' && scan->at[1] != '\0')
			add_escaped(&text, *++scan->at);
		else
			text_add_char(&text, *scan->at);
	}
	scan->at++;
	add_token(scan, statement, TOKEN_TEXT, line)->text =
	    arena_copy(scan->arena, text.data, text.length);
	return true;
}

/* "{" was the last of its line: up to a line with the same indentation that begins with "}". */
static bool
read_tall_block(struct scan *scan, struct statement *statement)
{
	const char *indent = scan->line_start, *begin;
	size_t width = strspn(indent, BLANKS);
	int line = scan->line;

	next_line(scan);
	begin = scan->at;
	while (strncmp(scan->at, indent, width) != 0 || scan->at[width] != '}') {
		scan->at += strcspn(scan->at, "\n");
		if (*scan->at == '\0')
			return scan_wrong(scan, line,
			    "this block is never closed: a line with } at the same indentation");
		next_line(scan);
	}
	add_token(scan, statement, TOKEN_BLOCK, line + 1)->text =
	    arena_copy(scan->arena, begin, (size_t)(scan->at - begin));
	scan->at += width + 1;
	return true;
}

static const char *
skip_text(const char *at)
{
	for (at++; *at != '"' && *at != '\0' && *at != '\n'; at++)
		if (*at == '\\' && at[1] != '\0')
			at++;
	return at;
}

static bool
read_flat_block(struct scan *scan, struct statement *statement)
{
	const char *begin = scan->at + 1, *at;
	int depth = 1;

	for (at = begin; *at != '\0' && *at != '\n'; at++) {
		if (*at == '"')
			at = skip_text(at);
		depth += (*at == '{') - (*at == '}');
		if (depth == 0 || *at == '\0' || *at == '\n')
			break;
	}
	if (depth != 0)
		return scan_wrong(scan, scan->line, "this block is not closed on its line");
	add_token(scan, statement, TOKEN_BLOCK, scan->line)->text =
	    arena_copy(scan->arena, begin, (size_t)(at - begin));
	scan->at = at + 1;
	return true;
}

static bool
read_block(struct scan *scan, struct statement *statement)
{
	struct scan ahead = *scan;

	ahead.at++;
	skip_blanks(&ahead);
	if (*ahead.at != '\n')
		return read_flat_block(scan, statement);
	scan->at = ahead.at;
	return read_tall_block(scan, statement);
}

static bool
read_token(struct scan *scan, struct statement *statement)
{
	size_t length;

	if (*scan->at == '"')
		return read_text(scan, statement);
	if (*scan->at == '{')
		return read_block(scan, statement);
	if (*scan->at == '}')
		return scan_wrong(scan, scan->line, "this } closes nothing");
	length = strcspn(scan->at, BLANKS "\n\"{}");
	add_token(scan, statement, TOKEN_WORD, scan->line)->text =
	    arena_copy(scan->arena, scan->at, length);
	scan->at += length;
	return true;
}

static bool
read_statement(struct scan *scan, struct script *script)
{
	struct statement *statement = ARENA_GROW(scan->arena, script);

	statement->path = scan->path;
	statement->line = scan->line;
	statement->source = arena_copy(scan->arena, scan->at, strcspn(scan->at, "\n"));
	while (*scan->at != '\n' && *scan->at != '\0') {
		if (!read_token(scan, statement))
			return false;
		skip_blanks(scan);
	}
	return true;
}

bool
script_read(struct arena *arena, struct script *script, const char *path, const char *text,
    struct error *err)
{
	struct scan scan = { .arena = arena, .path = path, .at = text, .line_start = text, .line = 1,
	    .err = err };

	for (;;) {
		skip_blanks(&scan);
		if (*scan.at == '\0')
			return true;
		if (*scan.at == '\n')
			next_line(&scan);
		else if (!read_statement(&scan, script))
			return false;
	}
}

bool
block_read(struct arena *arena, struct statement *statement, const struct statement *of,
    const struct token *block, struct error *err)
{
	struct scan scan = { .arena = arena, .path = of->path, .at = block->text,
	    .line_start = block->text, .line = block->line, .err = err };

	*statement = (struct statement){ .path = of->path, .line = block->line,
	    .source = of->source };
	for (;;) {
		skip_blanks(&scan);
		if (*scan.at == '\0')
			return true;
		if (*scan.at == '\n')
			next_line(&scan);
		else if (!read_token(&scan, statement))
			return false;
	}
}

/* What all lines that are not empty begin with. */
static size_t
common_indent(const char *text)
{
	const char *first = NULL;
	size_t width = 0, same;

	for (const char *line = text; *line != '\0'; line += *line == '\n') {
		if (strspn(line, BLANKS) != strcspn(line, "\n")) {
			if (first == NULL) {
				first = line;
				width = strspn(line, BLANKS);
			}
			for (same = 0; same < width && line[same] == first[same];)
				same++;
			width = same;
		}
		line += strcspn(line, "\n");
	}
	return width;
}

const char *
block_plain(struct arena *arena, const struct token *block)
{
	_cleanup_(text_clear) struct text plain = TEXT_INIT;
	size_t indent = common_indent(block->text), length;

	for (const char *line = block->text; *line != '\0';) {
		length = strcspn(line, "\n");
		if (length > indent)
			text_add_bytes(&plain, line + indent, length - indent);
		text_add_char(&plain, '\n');
		line += length;
		line += *line == '\n';
	}
	return arena_copy(arena, plain.data, plain.length);
}

/* ---- reading one statement ---- */

const struct token *
reader_peek(const struct reader *reader)
{
	return reader->next < reader->statement->tokens.count
	    ? &reader->statement->tokens.item[reader->next] : NULL;
}

static const char *
take_kind(struct reader *reader, enum token_kind kind)
{
	const struct token *token = reader_peek(reader);

	if (token == NULL || token->kind != kind)
		return NULL;
	reader->next++;
	return token->text;
}

bool
take_word(struct reader *reader, const char *word)
{
	const struct token *token = reader_peek(reader);

	if (token == NULL || token->kind != TOKEN_WORD || !string_equal(token->text, word))
		return false;
	reader->next++;
	return true;
}

bool
take_words(struct reader *reader, const char *words)
{
	size_t begin = reader->next, length;
	char word[32];

	for (; *words != '\0'; words += length + (words[length] == ' ')) {
		length = strcspn(words, " ");
		if (length >= sizeof(word))
			return false;
		memcpy(word, words, length);
		word[length] = '\0';
		if (!take_word(reader, word)) {
			reader->next = begin;
			return false;
		}
	}
	return true;
}

const char *
take_text(struct reader *reader)
{
	return take_kind(reader, TOKEN_TEXT);
}

const char *
take_any(struct reader *reader)
{
	const char *text = take_kind(reader, TOKEN_TEXT);

	return text != NULL ? text : take_kind(reader, TOKEN_WORD);
}

const char *
take_starting(struct reader *reader, const char *prefix)
{
	const struct token *token = reader_peek(reader);

	if (token == NULL || token->kind != TOKEN_WORD || !string_starts(token->text, prefix))
		return NULL;
	reader->next++;
	return token->text;
}

const struct token *
take_block(struct reader *reader)
{
	const struct token *token = reader_peek(reader);

	if (token == NULL || token->kind != TOKEN_BLOCK)
		return NULL;
	reader->next++;
	return token;
}

bool
take_number(struct reader *reader, int64_t *number)
{
	const struct token *token = reader_peek(reader);

	if (token == NULL || token->kind != TOKEN_WORD ||
	    !string_number(token->text, INT32_MIN, INT32_MAX, number))
		return false;
	reader->next++;
	return true;
}

bool
take_duration(struct reader *reader, int64_t *ms)
{
	const struct token *token = reader_peek(reader);

	if (token == NULL || token->kind != TOKEN_WORD || !duration_read(token->text, ms))
		return false;
	reader->next++;
	return true;
}

bool
reader_wrong(const struct reader *reader, struct error *err, const char *expected)
{
	const struct token *token = reader_peek(reader);

	if (token == NULL)
		return wrong(err, "expected %s, found the end of the line", expected);
	return wrong(err, "expected %s, found %s", expected,
	    token->kind == TOKEN_BLOCK ? "a block" : token->text);
}

bool
take_end(struct reader *reader, struct error *err)
{
	return reader_peek(reader) == NULL || reader_wrong(reader, err, "the end of the line");
}
