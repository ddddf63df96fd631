/*
 * plans.c - what each command makes of recorded facts: a request above a line, the plan or refusal below.
 *
 *	plans [--write] FOLDER
 *
 * A .plan file, in a folder named after its command:
 *
 *	world gateway				the facts of tests/plans/facts/gateway
 *	set deployment spec.paused true		one place of one fact, as JSON; an absent member is made,
 *						an entry of a list (items.0) is another one
 *	drop deployment spec.paused
 *	replace manifest-5 "words" "others"	in an answer that is no JSON; "" is its beginning, \n a line's end
 *	at 2026-11-21T10:20:00Z			when everything was read
 *	fact NAME TEXT | no may no (exit 1, on stdout) | fail deployment "Error from server (Forbidden): …"
 *	record NUMBER verified | left R-7 | number 3	what our own store knows of that revision
 *	@ann rollback gateway to 5 because x	who asks (a Slack id is made of the name), and the words
 *	----
 *	(plan_describe, or "refused: …", "wrong: …", "answer: …", "unchanged: …")
 *
 * Each plan is also stored and read back: what a command makes must survive a restart.
 *
 * No process, no clock, milliseconds.  --write puts what came below the line: read the difference before it
 * is kept.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/all_settings.h"
#include "adapters/tools/helm.h"
#include "adapters/tools/kubectl.h"
#include "base/json.h"
#include "base/when.h"
#include "commands/commands.h"
#include "parse.h"
#include "say.h"

#define STAMP 1795256400000	/* 2026-11-21T10:20:00Z */

struct place {			/* one edit of one fact */
	const char *fact, *path, *value;
};

struct test {
	struct arena *arena;
	const char *path;
	struct facts *facts;
	struct { struct place *item; size_t count, size; } edits;
	const char *who, *words;
	cJSON *records;
	int64_t stamp;
	struct text head, expected, got;
};

static const struct driver *const drivers[] = { &driver_deployment, &driver_statefulset,
	&driver_daemonset, &driver_helm, NULL };
static struct configuration *configuration;
static int passed, failures;
static bool writing;

/* ---- facts ---- */

static bool
read_whole(const char *path, struct text *out)
{
	char bytes[65536];
	FILE *file = fopen(path, "re");
	size_t length;

	if (file == NULL)
		return false;
	while ((length = fread(bytes, 1, sizeof(bytes), file)) > 0)
		text_add_bytes(out, bytes, length);
	fclose(file);
	return true;
}

static void
add_fact(struct test *t, const char *name, int exit, const char *out, const char *errors)
{
	facts_add(t->facts, &(struct fact){ .name = name, .exit = exit, .out = out,
	    .length = strlen(out), .errors = errors, .stamp = STAMP });
}

static bool
load_world(struct test *t, const char *world)
{
	const char *folder = arena_printf(t->arena, "tests/plans/facts/%s", world);
	struct dirent *entry;
	DIR *dir = opendir(folder);

	if (dir == NULL)
		return false;
	while ((entry = readdir(dir)) != NULL) {
		_cleanup_(text_clear) struct text bytes = TEXT_INIT_LIMIT(FACT_LIMIT);
		const char *name = arena_copy(t->arena, entry->d_name, strcspn(entry->d_name, "."));

		if (name[0] == '\0')
			continue;
		read_whole(arena_printf(t->arena, "%s/%s", folder, entry->d_name), &bytes);
		if (string_ends(entry->d_name, ".error"))
			add_fact(t, name, 1, "", bytes.data);
		else
			add_fact(t, name, 0, bytes.data, "");
	}
	closedir(dir);
	return true;
}

/* The parent of the last member of a dotted path, made where it is missing. */
static cJSON *
parent_of(struct test *t, cJSON *root, const char *path, const char **last)
{
	char *copy = arena_strdup(t->arena, path), *dot;
	cJSON *at = root, *next;

	while ((dot = strchr(copy, '.')) != NULL) {
		while (dot != NULL && dot > copy && dot[-1] == '\\') {	/* an escaped dot */
			memmove(dot - 1, dot, strlen(dot) + 1);
			dot = strchr(dot, '.');
		}
		if (dot == NULL)
			break;
		*dot = '\0';
		next = cJSON_IsArray(at) ? cJSON_GetArrayItem(at, atoi(copy))
					 : cJSON_GetObjectItemCaseSensitive(at, copy);
		if (next == NULL)
			next = cJSON_AddObjectToObject(at, copy);
		at = next;
		copy = dot + 1;
	}
	*last = copy;
	return at;
}

static bool
apply_edit(struct test *t, const struct place *edit, struct error *err)
{
	const cJSON *borrowed = facts_json(t->facts, edit->fact, err);
	_cleanup_(json_freep) cJSON *document = borrowed != NULL ? cJSON_Duplicate(borrowed, true) : NULL;
	_cleanup_(text_clear) struct text printed = TEXT_INIT_LIMIT(FACT_LIMIT);
	const char *last;
	cJSON *parent, *value;

	if (document == NULL)
		return false;
	parent = parent_of(t, document, edit->path, &last);
	if (cJSON_IsArray(parent))
		cJSON_DeleteItemFromArray(parent, atoi(last));
	else
		cJSON_DeleteItemFromObjectCaseSensitive(parent, last);
	if (edit->value != NULL) {
		value = cJSON_Parse(edit->value);
		value = value != NULL ? value : cJSON_CreateString(edit->value);
		if (cJSON_IsArray(parent))
			cJSON_InsertItemInArray(parent, atoi(last), value);
		else
			cJSON_AddItemToObject(parent, last, value);
	}
	json_print(&printed, document);
	add_fact(t, edit->fact, 0, printed.data, "");
	return true;
}

/* The next word, or what stands between quotes; \n in it is a line's end. */
static const char *
next_quoted(struct test *t, char **rest)
{
	char *word = *rest + strspn(*rest, " \t"), *end = strchr(word, '"'), *to;

	if (end != word || (end = strchr(++word, '"')) == NULL)
		return NULL;
	*rest = end + 1;
	*end = '\0';
	word = to = arena_strdup(t->arena, word);
	for (const char *from = word; *from != '\0'; from++)
		*to++ = from[0] == '\\' && from[1] == 'n' ? (from++, '\n') : *from;
	*to = '\0';
	return word;
}

static bool
replace_words(struct test *t, const char *name, char *rest, struct error *err)
{
	const char *from = next_quoted(t, &rest), *to = next_quoted(t, &rest), *old, *at;
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(FACT_LIMIT);

	if (from == NULL || to == NULL)
		return wrong(err, "replace needs two texts in quotes");
	if ((old = facts_text(t->facts, name, err)) == NULL)
		return false;
	if ((at = strstr(old, from)) == NULL)
		return wrong(err, "“%s” is not in %s", from, name);
	text_add_bytes(&out, old, (size_t)(at - old));
	text_add(&out, to);
	text_add(&out, at + strlen(from));
	add_fact(t, name, 0, out.data, "");
	return true;
}

/* ---- one file ---- */

static char *
next_word(char **rest)
{
	char *word = *rest, *end;

	while (*word == ' ' || *word == '\t')
		word++;
	end = word + strcspn(word, " \t");
	*rest = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return word;
}

static bool
take_line(struct test *t, char *line, struct error *err)
{
	char *rest = line, *verb = next_word(&rest), *name;

	if (*verb == '\0' || *verb == '#')
		return true;
	if (*verb == '@') {
		t->who = arena_strdup(t->arena, verb + 1);
		t->words = arena_strdup(t->arena, rest);
		return true;
	}
	name = arena_strdup(t->arena, next_word(&rest));
	if (string_equal(verb, "world"))
		return load_world(t, name) || wrong(err, "there is no world %s", name);
	if (string_equal(verb, "set") || string_equal(verb, "drop")) {
		struct place edit = { .fact = name, .path = arena_strdup(t->arena, next_word(&rest)) };

		edit.value = *verb == 's' ? arena_strdup(t->arena, rest) : NULL;
		return apply_edit(t, &edit, err);
	}
	if (string_equal(verb, "replace"))
		return replace_words(t, name, rest, err);
	if (string_equal(verb, "at"))
		return stamp_read(name, &t->stamp) || wrong(err, "“%s” is no time", name);
	if (string_equal(verb, "fact"))
		add_fact(t, name, 0, arena_strdup(t->arena, rest), "");
	else if (string_equal(verb, "no"))
		add_fact(t, name, 1, arena_strdup(t->arena, rest), "");
	else if (string_equal(verb, "fail"))
		add_fact(t, name, 1, "", arena_strdup(t->arena, rest));
	else if (string_equal(verb, "record"))
		json_add_string(t->records, name, rest);
	else
		return wrong(err, "“%s” is no word of a plan file", verb);
	return true;
}

static bool
read_test(struct test *t, struct error *err)
{
	_cleanup_(text_clear) struct text file = TEXT_INIT;
	char *line, *next, *below;

	if (!read_whole(t->path, &file))
		return failed(err, "%s", strerror(errno));
	below = strstr(file.data, "\n----\n");
	if (below == NULL)
		return wrong(err, "there is no line of ----");
	text_add_bytes(&t->head, file.data, (size_t)(below - file.data) + 6);
	text_add(&t->expected, below + 6);
	*below = '\0';
	for (line = file.data; line != NULL; line = next) {
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		if (!take_line(t, line, err))
			return false;
	}
	return t->words != NULL || wrong(err, "nobody asks for anything");
}

/* ---- the command ---- */

static const struct subcommand *
subcommand_of(const struct request *r)
{
	for (const struct subcommand *s = r->command->subcommands; s != NULL && s->name != NULL; s++)
		if (string_equal(s->name, r->subcommand))
			return s;
	return NULL;
}

/* PIN-PREFIX → the pins of the history, so that a file need not hold 64 digits. */
static void
add_records(struct test *t, const struct request *r)
{
	_cleanup_(json_freep) cJSON *json = cJSON_CreateObject();
	_cleanup_(text_clear) struct text printed = TEXT_INIT;
	struct history history = { 0 };
	struct error err = ERROR_INIT;
	const cJSON *record;
	cJSON *one;

	if (cJSON_GetArraySize(t->records) > 0)
		(void)r->target->driver->read(t->arena, &history, r->target, t->facts, &err);
	cJSON_ArrayForEach(record, t->records)
		for (size_t i = 0; i < history.count; i++) {
			if (strtoll(record->string, NULL, 10) != history.item[i].number)
				continue;
			one = json_add_object(json, history.item[i].pin);
			if (string_equal(record->valuestring, "verified"))
				json_add_number(one, "verified", STAMP - 86400000);
			else if (string_starts(record->valuestring, "number "))
				json_add_number(one, "number", atoi(record->valuestring + strlen("number ")));
			else
				json_add_string(one, "left", record->valuestring + strlen("left "));
		}
	json_print(&printed, json);
	add_fact(t, "records", 0, printed.data, "");
}

static bool
look_all(struct test *t, struct plan *plan, const struct request *r, struct error *err)
{
	const struct subcommand *sub = subcommand_of(r);
	struct plan *looking;
	bool ok = true, missing = false;

	looking = plan_new();
	for (int round = 0; ok && round < 5; round++) {
		size_t before = looking->reads.count;

		ok = sub != NULL ? sub->look(looking, r, t->facts, err)
				 : r->command->look(looking, r, t->facts, err);
		for (size_t i = before; ok && i < looking->reads.count; i++)
			if (!facts_have(t->facts, looking->reads.item[i].name)) {
				text_printf(&t->got, "not in this world: %s\n", looking->reads.item[i].name);
				missing = true;
			}
		if (looking->reads.count == before || missing)
			break;
	}
	(void)plan;
	plan_free(looking);
	return ok && !missing;
}

static void
fill_plan(struct plan *plan, const struct request *r)
{
	plan->kind = r->subcommand != NULL
	    ? arena_printf(plan->arena, "%s.%s", r->command->name, r->subcommand)
	    : r->command->name;
	plan->requester = r->principal;
	plan->target = r->target->setting->key;
	plan->driver = r->target->driver->name;
	plan->cluster = r->target->cluster->name;
	plan->environment = r->target->environment->name;
	plan->namespace = r->target->namespace;
	plan->object = r->target->object;
}

static void
print_error(struct text *out, const struct error *err)
{
	text_printf(out, "%s: %s\n", error_kind_name(err->kind), err->text);
}

static void
print_plan(struct text *out, struct arena *arena, const struct plan *plan)
{
	if (plan->answer != NULL)
		text_printf(out, "answer: %s\n", say_plain(arena, plan->answer));
	else if (plan->unchanged != NULL)
		text_printf(out, "unchanged: %s\n", plan->unchanged);
	else
		plan_describe(plan, out);
}

static void
store_and_back(struct text *out, const struct plan *plan)
{
	_cleanup_(text_clear) struct text printed = TEXT_INIT_LIMIT(MEGABYTES(4));
	_cleanup_(plan_freep) struct plan *back = NULL;
	char before[DIGEST_HEX], after[DIGEST_HEX];
	struct error err = ERROR_INIT;

	plan_print(plan, &printed);
	if ((back = plan_read(printed.data, printed.length, &err)) == NULL) {
		text_printf(out, "BROKEN: %s\n", err.text);
		return;
	}
	plan_hash(plan, before);
	plan_hash(back, after);
	if (!string_equal(before, after))
		text_add(out, "BROKEN: the stored plan has another digest\n");
}

static void
run_request(struct test *t, struct request *r)
{
	const struct subcommand *sub = subcommand_of(r);
	struct plan *plan = plan_new();
	struct error err = ERROR_INIT;
	bool ok;

	fill_plan(plan, r);
	add_records(t, r);
	for (size_t i = 0; i < t->facts->count; i++)
		t->facts->item[i].stamp = t->stamp;
	ok = look_all(t, plan, r, &err);
	if (ok)
		ok = sub != NULL ? sub->plan(plan, r, t->facts, &err)
				 : r->command->plan(plan, r, t->facts, &err);
	if (err.kind != ERROR_NONE)
		print_error(&t->got, &err);
	else if (ok) {
		store_and_back(&t->got, plan);
		print_plan(&t->got, t->arena, plan);
	}
	plan_free(plan);
}

static void
run_test(struct test *t)
{
	struct arrival arrival = { .arena = t->arena, .door = DOOR_SLASH, .team = "T0TEAM",
		.person = t->who, .text = t->words, .channel = "C0INCIDENTS" };
	struct error err = ERROR_INIT;
	struct parsed parsed;

	if (!parse(&parsed, configuration, &arrival, t->arena, &err))
		print_error(&t->got, &err);
	else
		run_request(t, parsed.request);
	request_free(parsed.request);
}

static void
judge(struct test *t)
{
	FILE *file;

	if (string_equal(t->got.data, t->expected.data)) {
		passed++;
		return;
	}
	if (writing && (file = fopen(t->path, "we")) != NULL) {
		fputs(t->head.data, file);
		fputs(t->got.data, file);
		fclose(file);
		printf("wrote %s\n", t->path);
		return;
	}
	failures++;
	printf("not ok %s\n-- expected\n%s-- got\n%s", t->path, t->expected.data, t->got.data);
}

static void
run_file(const char *path)
{
	struct test t = { .path = path, .arena = arena_new(), .facts = facts_new(),
		.records = cJSON_CreateObject(), .stamp = STAMP, .head = TEXT_INIT, .expected = TEXT_INIT,
		.got = TEXT_INIT };
	struct error err = ERROR_INIT;

	if (read_test(&t, &err)) {
		run_test(&t);
		judge(&t);
	} else {
		failures++;
		printf("not ok %s: %s\n", path, err.text);
	}
	cJSON_Delete(t.records);
	text_clear(&t.head);
	text_clear(&t.expected);
	text_clear(&t.got);
	facts_free(t.facts);
	arena_free(t.arena);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
run_folder(const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, by_name);

	for (int i = 0; i < count; i++) {
		_cleanup_(freep) char *path = xasprintf("%s/%s", folder, entries[i]->d_name);

		if (string_ends(path, ".plan"))
			run_file(path);
		else if (entries[i]->d_type == DT_DIR && entries[i]->d_name[0] != '.' &&
		    !string_equal(entries[i]->d_name, "facts"))
			run_folder(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

int
main(int argc, char **argv)
{
	_cleanup_(text_clear) struct text yaml = TEXT_INIT, problems = TEXT_INIT;

	writing = argc > 2 && string_equal(argv[1], "--write");
	settings_register_all();
	words_register(kubectl_words);
	judges_register(kubectl_judges);
	words_register(helm_words);
	judges_register(helm_judges);
	drivers_register(drivers);
	commands_register(commands_table);
	if (!read_whole("tests/plans/plans.yaml", &yaml) ||
	    (configuration = configuration_load(NULL, yaml.data, &problems)) == NULL) {
		fprintf(stderr, "tests/plans/plans.yaml: %s\n", problems.data);
		return 2;
	}
	run_folder(argv[argc - 1]);
	configuration_free(configuration);
	printf("%d passed, %d failed\n", passed, failures);
	return failures != 0;
}
