/*
 * configuration.c - rollcall.yaml of a talk: its own sections, the rest from default.yaml.
 *
 * A section is a top-level key with all lines to the next one; no YAML is understood beyond that.
 */

#include "configuration.h"
#include "real.h"

#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
begins_section(const char *line)
{
	return isalpha((unsigned char)*line) && strchr(line, ':') != NULL &&
	    strchr(line, ':') < line + strcspn(line, " \n") + 1;
}

static struct section *
section_find(struct talk *talk, const char *key)
{
	for (size_t i = 0; i < talk->sections.count; i++)
		if (string_equal(talk->sections.item[i].key, key))
			return &talk->sections.item[i];
	return NULL;
}

static void
section_put(struct talk *talk, const char *begin, size_t length, bool replace)
{
	const char *key = arena_copy(talk->arena, begin, strcspn(begin, ":"));
	struct section *section = section_find(talk, key);

	if (section != NULL && !replace)
		return;
	if (section == NULL)
		section = ARENA_GROW(talk->arena, &talk->sections);
	section->key = key;
	section->text = arena_copy(talk->arena, begin, length);
}

static void
read_sections(struct talk *talk, const char *text, bool replace)
{
	const char *begin = NULL, *line;

	for (line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
		if (begins_section(line)) {
			if (begin != NULL)
				section_put(talk, begin, (size_t)(line - begin), replace);
			begin = line;
		}
		if (line[strcspn(line, "\n")] == '\0') {
			line += strlen(line);
			break;
		}
	}
	if (begin != NULL)
		section_put(talk, begin, (size_t)(line - begin), replace);
}

bool
configuration_run(struct talk *talk, struct reader *reader, struct error *err)
{
	const struct token *block = take_block(reader);
	const char *name, *text;

	if (block != NULL) {
		read_sections(talk, block_plain(talk->arena, block), true);
		return take_end(reader, err);
	}
	if ((name = take_any(reader)) == NULL)
		return reader_wrong(reader, err, "a block or a file's name");
	if ((text = talk_file(talk, name, false, NULL, err)) == NULL)
		return false;
	read_sections(talk, text, true);
	return take_end(reader, err);
}

/* ---- filling in ---- */

static const char *
user_name(void)
{
	const struct passwd *entry = getpwuid(getuid());

	return entry != NULL ? entry->pw_name : "root";
}

/* What stands for that mark, which ends with another @; NULL: it is none. */
static const char *
hole_value(struct talk *talk, const char *mark)
{
	if (string_starts(mark, "@folder@"))
		return talk->folder;
	if (string_starts(mark, "@slack@"))
		return fake_slack_url(talk->slack);
	/* TLS is not spoken there. */
	if (string_starts(mark, "@slack-tls@"))
		return arena_printf(talk->arena, "https%s", fake_slack_url(talk->slack) + strlen("http"));
	if (string_starts(mark, "@user@"))
		return user_name();
	if (string_starts(mark, "@tools@"))
		return arena_printf(talk->arena, "%s/tools", talk->folder);
	return talk->options->real ? real_hole(talk, mark) : NULL;
}

static void
fill_in(struct talk *talk, struct text *out, const char *text)
{
	const char *value;

	while (*text != '\0') {
		value = *text == '@' ? hole_value(talk, text) : NULL;
		if (value != NULL) {
			text_add(out, value);
			text = strchr(text + 1, '@') + 1;
		} else {
			text_add_char(out, *text++);
		}
	}
}

const char *
configuration_fill(struct talk *talk, const char *text)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	fill_in(talk, &out, text);
	return arena_strdup(talk->arena, out.data);
}

static bool
write_file(struct talk *talk, const char *name, const char *content, struct error *err)
{
	const char *path = arena_printf(talk->arena, "%s/%s", talk->folder, name);
	FILE *file = fopen(path, "we");

	if (file == NULL)
		return failed(err, "%s: %s", path, strerror(errno));
	fchmod(fileno(file), 0600);	/* secrets too */
	fputs(content, file);
	return fclose(file) == 0 || failed(err, "%s: %s", path, strerror(errno));
}

/* Real enough to be checked; nothing listens there. */
static bool
write_kubeconfigs(struct talk *talk, struct error *err)
{
	static const char *const names[] = { "primary", "staging", "dr", "production" };
	const char *folder = arena_printf(talk->arena, "%s/kube", talk->folder);

	mkdir(folder, 0700);
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *name = arena_printf(talk->arena, "kube/%s.yaml", names[i]);

		if (!write_file(talk, name, arena_printf(talk->arena,
			"apiVersion: v1\nkind: Config\ncurrent-context: %s\n"
			"clusters: [{name: %s, cluster: {server: \"https://127.0.0.1:1\"}}]\n"
			"users: [{name: rollcall, user: {token: kube-token-of-%s}}]\n"
			"contexts: [{name: %s, context: {cluster: %s, user: rollcall}}]\n",
			names[i], names[i], names[i], names[i], names[i]), err))
			return false;
		chmod(arena_printf(talk->arena, "%s/%s", talk->folder, name), 0600);
	}
	return true;
}

bool
configuration_write(struct talk *talk, struct error *err)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	const char *path = arena_printf(talk->arena, "%s/tests/%s/default.yaml",
	    talk->options->source, talk->options->real ? "e2e" : "talk");
	const char *standard = talk_file(talk, path, false, NULL, err);

	if (standard == NULL)
		return false;
	read_sections(talk, standard, false);
	for (size_t i = 0; i < talk->sections.count; i++)
		if (strcspn(talk->sections.item[i].text, "~") !=
		    strlen(talk->sections.item[i].key) + 2)
			fill_in(talk, &out, talk->sections.item[i].text);
	if (!write_kubeconfigs(talk, err) || !write_file(talk, "rollcall.yaml", out.data, err))
		return false;
	chmod(arena_printf(talk->arena, "%s/rollcall.yaml", talk->folder), 0600);
	return true;
}

/* ---- the rest of rollcall's surroundings ---- */

bool
environment_run(struct talk *talk, struct reader *reader, struct error *err)
{
	const char *variable = take_any(reader);

	if (variable == NULL || strchr(variable, '=') == NULL)
		return reader_wrong(reader, err, "NAME=VALUE");
	/* A later word on the same variable replaces the earlier one: getenv gives the first. */
	for (size_t i = 0; i < talk->variables.count; i++)
		if (strncmp(talk->variables.item[i], variable, strcspn(variable, "=") + 1) == 0) {
			talk->variables.item[i] = arena_strdup(talk->arena, variable);
			return true;
		}
	*ARENA_GROW(talk->arena, &talk->variables) = arena_strdup(talk->arena, variable);
	return take_end(reader, err);
}

bool
write_run(struct talk *talk, struct reader *reader, struct error *err)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	const char *name = take_any(reader);
	const struct token *block = take_block(reader);

	if (name == NULL || block == NULL)
		return reader_wrong(reader, err, "a name and a block");
	fill_in(talk, &out, block_plain(talk->arena, block));
	return take_end(reader, err) && write_file(talk, name, out.data, err);
}
