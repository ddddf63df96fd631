/* outbox_letter.c - letters: an outbox row and its message, made once, copied whole. */

#include "outbox_private.h"

struct letter *
letter_once(const struct outbox_row *row, const struct message *message)
{
	struct arena *arena = arena_new();
	struct letter *letter = arena_new_of(arena, struct letter);
	struct outbox_row *r = &letter->row;

	letter->arena = arena;
	*r = *row;
	r->key = arena_strdup(arena, row->key);
	r->operation = arena_strdup(arena, row->operation);
	r->chat = arena_strdup(arena, row->chat);
	r->kind = arena_strdup(arena, row->kind != NULL ? row->kind : "new");
	r->conversation = arena_strdup(arena, row->conversation);
	r->channel = arena_strdup(arena, row->channel);
	r->thread = arena_strdup(arena, row->thread);
	r->person = arena_strdup(arena, row->person);
	r->ts = arena_strdup(arena, row->ts);
	r->state = "queued";
	letter->message = message != NULL ? message_copy(message) : NULL;
	return letter;
}

struct letter *
letter_new(const struct outbox_row *row, const struct message *message)
{
	struct letter *letter = letter_once(row, message);
	_cleanup_(text_clear) struct text json = TEXT_INIT;

	if (message != NULL)
		message_print(message, &json);
	letter->row.payload =
	    message != NULL ? arena_copy(letter->arena, json.data, json.length)
			    : arena_strdup(letter->arena, row->payload);
	return letter;
}

void
letter_free(struct letter *letter)
{
	if (letter == NULL)
		return;
	message_free(letter->message);
	arena_free(letter->arena);
}

void
letters_free(struct letter *letter)
{
	struct letter *next;

	for (; letter != NULL; letter = next) {
		next = letter->next;
		letter_free(letter);
	}
}

bool
letters_add(struct letter *list, const struct store_verbs *verbs, void *db, struct error *err)
{
	for (struct letter *l = list; l != NULL; l = l->next)
		if (!verbs->outbox_add(db, &l->row, err))
			return false;
	return true;
}

bool
letter_is_update(const struct letter *letter)
{
	return string_equal(letter->row.kind, "update");
}

static bool
is_named(const struct letter *letter, const char *name)
{
	_cleanup_(text_clear) struct text key = TEXT_INIT;

	if (letter->row.operation == NULL)
		return false;
	text_printf(&key, "%s/%s", letter->row.operation, name);
	return string_equal(key.data, letter->row.key);
}

bool
letter_is_card(const struct letter *letter)
{
	return is_named(letter, "card");
}

bool
letter_is_question(const struct letter *letter)
{
	return is_named(letter, "question");
}
