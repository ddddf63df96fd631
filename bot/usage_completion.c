/* usage_completion.c - completion for bash, zsh and fish: words only, so that no shell runs anything of ours. */

#include "command.h"
#include "usage.h"

static void
add_words_of(struct text *out, const struct verb *verb)
{
	if (!string_equal(verb->words, "*")) {
		text_add(out, verb->words);
		return;
	}
	for (const struct command *const *c = commands_all(); *c != NULL; c++)
		text_printf(out, "%s%s", c != commands_all() ? " " : "", (*c)->name);
}

/* In single quotes, which every shell here reads alike but for the quote itself: '\'' ends, adds, begins. */
static void
add_quoted(struct text *out, const char *text)
{
	text_add_char(out, '\'');
	for (; *text != '\0'; text++)
		if (*text == '\'')
			text_add(out, "'\\''");
		else
			text_add_char(out, *text);
	text_add_char(out, '\'');
}

/* ---- bash ---- */

static void
add_bash_cases(struct text *out)
{
	for (const struct verb *v = usage_verbs; v->name != NULL; v++) {
		if (v->words == NULL)
			continue;
		text_printf(out, "\t%s) words=\"", v->name);
		add_words_of(out, v);
		text_add(out, "\" ;;\n");
	}
}

static void
bash(struct text *out)
{
	const char *between = "";

	text_add(out, "# bash completion for rollcall; printed by: rollcall completion bash\n"
	    "_rollcall()\n{\n\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words\n"
	    "\tcase $before in\n\t");
	for (const struct option *o = usage_options; o->name != NULL; o++)
		if (o->file) {
			text_printf(out, "%s--%s", between, o->name);
			between = "|";
		}
	text_add(out, ") mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return ;;\n");
	add_bash_cases(out);
	text_add(out, "\tesac\n\tif [[ $word == -* ]]; then\n\t\twords=\"");
	for (const struct option *o = usage_options; o->name != NULL; o++)
		text_printf(out, "--%s ", o->name);
	text_add(out, "\"\n\telif (( COMP_CWORD == 1 )); then\n\t\twords=\"");
	for (const struct verb *v = usage_verbs; v->name != NULL; v++)
		text_printf(out, "%s ", v->name);
	text_add(out, "\"\n\tfi\n\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n}\n"
	    "complete -o filenames -F _rollcall rollcall\n");
}

/* ---- zsh ---- */

/* What _describe wants: name:sentence, with the colon of the sentence kept. */
static void
add_described(struct text *out, const char *name, const char *summary)
{
	_cleanup_(text_clear) struct text both = TEXT_INIT;

	text_printf(&both, "%s:%s", name, summary);
	add_quoted(out, both.data);
}

static void
zsh(struct text *out)
{
	text_add(out, "#compdef rollcall\n# printed by: rollcall completion zsh\n_rollcall()\n{\n"
	    "\tlocal -a verbs options\n\tverbs=(\n");
	for (const struct verb *v = usage_verbs; v->name != NULL; v++) {
		text_add(out, "\t\t");
		add_described(out, v->name, v->summary);
		text_add_char(out, '\n');
	}
	text_add(out, "\t)\n\toptions=(\n");
	for (const struct option *o = usage_options; o->name != NULL; o++) {
		_cleanup_(text_clear) struct text name = TEXT_INIT;

		text_printf(&name, "--%s", o->name);
		text_add(out, "\t\t");
		add_described(out, name.data, o->summary);
		text_add_char(out, '\n');
	}
	text_add(out, "\t)\n\tcase $words[CURRENT-1] in\n");
	for (const struct option *o = usage_options; o->name != NULL; o++)
		if (o->file)
			text_printf(out, "\t--%s) _files; return ;;\n", o->name);
	for (const struct verb *v = usage_verbs; v->name != NULL; v++)
		if (v->words != NULL) {
			text_printf(out, "\t%s) compadd -- ", v->name);
			add_words_of(out, v);
			text_add(out, "; return ;;\n");
		}
	text_add(out, "\tesac\n\tif (( CURRENT == 2 )); then\n\t\t_describe verb verbs\n\telse\n"
	    "\t\t_describe option options\n\tfi\n}\n_rollcall \"$@\"\n");
}

/* ---- fish ---- */

static void
fish(struct text *out)
{
	text_add(out, "# fish completion for rollcall; printed by: rollcall completion fish\n"
	    "complete -c rollcall -f\n");
	for (const struct verb *v = usage_verbs; v->name != NULL; v++) {
		text_printf(out, "complete -c rollcall -n __fish_use_subcommand -a %s -d ", v->name);
		add_quoted(out, v->summary);
		text_add_char(out, '\n');
		if (v->words == NULL)
			continue;
		text_printf(out, "complete -c rollcall -n '__fish_seen_subcommand_from %s' -a '", v->name);
		add_words_of(out, v);
		text_add(out, "'\n");
	}
	for (const struct option *o = usage_options; o->name != NULL; o++) {
		text_printf(out, "complete -c rollcall -l %s%s%s -d ", o->name, o->value != NULL ? " -r" : "",
		    o->file ? " -F" : "");
		add_quoted(out, o->summary);
		text_add_char(out, '\n');
	}
}

bool
usage_completion(struct text *out, const char *shell, struct error *err)
{
	if (string_equal(shell, "bash"))
		bash(out);
	else if (string_equal(shell, "zsh"))
		zsh(out);
	else if (string_equal(shell, "fish"))
		fish(out);
	else
		return wrong(err, "Completion for which shell? bash, zsh or fish");
	return true;
}
