/*
 * language.h - a talk's text as statements of words, quoted texts and blocks.
 *
 * A statement ends with its line, unless a quoted text or a block goes on.  A word that begins with `#`
 * and a blank after it, or any `#` at the start of a line, begins a comment; `#incidents` inside a line
 * is a word.  In quotes \n, \t, \" and \\ are escapes, every other backslash stays (so "\d+" is a
 * regular expression).  A block is `{ … }` on one line, or from a `{` at the end of a line to the first
 * line with the same indentation that begins with `}`: what stands between is kept as it is, so YAML and
 * JSON need no quoting.
 *
 * Everything lives in the arena that was given.
 */
#ifndef TALK_LANGUAGE_H
#define TALK_LANGUAGE_H

#include "base/arena.h"
#include "base/error.h"

enum token_kind { TOKEN_WORD, TOKEN_TEXT, TOKEN_BLOCK };

struct token {
	enum token_kind kind;
	const char *text;
	int line;		/* of a block: where its content begins */
};

struct statement {
	const char *path;
	int line;
	const char *source;	/* its first line, for people */
	struct {
		struct token *item;
		size_t count, size;
	} tokens;
};

struct script {
	struct statement *item;
	size_t count, size;
};

bool script_read(struct arena *, struct script *, const char *path, const char *text, struct error *);
/* The tokens of a block's content, line ends being blanks, as one statement. */
bool block_read(struct arena *, struct statement *, const struct statement *of, const struct token *,
    struct error *);
/* The block without what all its lines begin with. */
const char *block_plain(struct arena *, const struct token *);

/* Reads a statement from the left: each take_* moves on when it fits. */
struct reader {
	const struct statement *statement;
	size_t next;
};

const struct token *reader_peek(const struct reader *);		/* NULL at the end */
bool take_word(struct reader *, const char *word);
bool take_words(struct reader *, const char *words);		/* all of "in thread of", or nothing */
const char *take_text(struct reader *);				/* a quoted text, or NULL */
const char *take_any(struct reader *);				/* a word or a quoted text */
const char *take_starting(struct reader *, const char *prefix);	/* a word that begins so */
const struct token *take_block(struct reader *);
bool take_number(struct reader *, int64_t *);
bool take_duration(struct reader *, int64_t *ms);		/* "3s", "5m"; when.h */
/* false, naming what is left, unless all was taken. */
bool take_end(struct reader *, struct error *);
/* "expected …, found …" at the present place; false. */
bool reader_wrong(const struct reader *, struct error *, const char *expected);

#endif
