/* console_type.c - what is typed at the terminal: words of the card, somebody else's, or a command. */

#include <stdlib.h>
#include <string.h>

#include "console_session.h"

/* The words of all buttons, also of those that Slack folds away: “start, dismiss”. */
static void
print_words(struct text *words, const struct message *card)
{
	for (size_t i = 0; card != NULL && i < card->buttons.count + card->more.count; i++)
		text_printf(words, "%s%s", i > 0 ? ", " : "", i < card->buttons.count
			? card->buttons.item[i].action
			: card->more.item[i - card->buttons.count].action);
}

/* What only a card can be told: those of buttons, and what people type instead of them. */
static bool
is_for_card(const char *words)
{
	static const char *const known[] = { "start", "approve", "reject", "dismiss", "stop", "resume", "follow",
		"tell", "yes", "y", "ok", "okay", "go", "confirm", "no", "n", "cancel", "abort", NULL };

	for (const char *const *k = known; *k != NULL; k++)
		if (string_equal_nocase(words, *k))
			return true;
	return false;
}

/* "start", "approve", "stop": the button of that name on the newest card. */
static bool
pressed(struct session *s, const char *words)
{
	const struct button *button = session_button(s->card, words);
	_cleanup_(text_clear) struct text there = TEXT_INIT;

	if (button == NULL)
		button = session_button(s->offer, words);
	if (button != NULL) {
		/* These two are answered; what the others do shows on the card. */
		s->sent += string_equal(button->action, "follow") || string_equal(button->action, "tell");
		session_press(s, button);
		return true;
	}
	if (!is_for_card(words))
		return false;
	print_words(&there, s->card);
	if (s->card == NULL)
		session_tell(s, "Nothing was done: no card is shown that “%s” could answer. What is open: ops list",
		    words);
	else if (there.length == 0)
		session_tell(s, "Nothing was done: %s has ended. What is open: ops list", s->card->id);
	else
		session_tell(s, "Nothing was done: %s does not take “%s” now. It takes: %s", s->card->id, words,
		    there.data);
	text_reset(&s->drawn);
	return true;
}

static void
type_as(struct session *s, const char *words)
{
	_cleanup_(freep) char *copy = xstrdup(words + strlen("/as"));
	char *name = copy + strspn(copy, " "), *rest = strchr(name, ' ');

	if (rest == NULL || rest[strspn(rest, " ")] == '\0') {
		session_tell(s, *name != '\0'
			? "Nothing was done: what shall %s say? Such as: /as %s whoami"
			: "Nothing was done: who shall say what? Such as: /as alice whoami", name, name);
		return;
	}
	*rest++ = '\0';
	rest += strspn(rest, " ");
	s->as = name;
	if (!pressed(s, rest))
		session_say(s, rest);
	s->as = NULL;
}

void
session_type(struct session *s, const char *words)
{
	while (*words == ' ')
		words++;
	if (string_equal(words, "quit") || string_equal(words, "exit")) {
		s->leave = s->quit = true;
		return;
	}
	if (*words == '\0')
		return;
	if (string_equal(words, "/as") || string_starts(words, "/as "))
		type_as(s, words);
	else if (pressed(s, words))
		return;
	else if (s->options->command == NULL)
		session_say(s, words);
	else
		session_tell(s, "Nothing was done: only the words of the card are taken here");
}
