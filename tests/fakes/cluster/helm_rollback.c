/*
 * helm_rollback.c - helm rollback: a new revision with the old one's objects (HM2).
 *
 * A failing hook leaves the release pending-rollback (HM8); a conflict or a wait that runs out marks the
 * new revision failed (HM5), and the one before superseded (HM4).
 */
#include <stdlib.h>
#include <string.h>

#include "helm.h"

struct rollback {
	struct helm *helm;
	const char *name;
	cJSON *to, *from, *new;
};

static void
set_status(struct helm *helm, cJSON *release, const char *status, const char *description)
{
	world_touch(&helm->world);
	put_string(release, "status", status);
	if (description != NULL)
		put_string(release, "description", description);
}

static void
prune(struct helm *helm, const char *name)
{
	struct world *world = &helm->world;
	cJSON *release, *oldest;	/* HM19: a rollback counts, too */
	int64_t keep = strtoll(arguments_flag_or(&helm->arguments, "--history-max", "10"), NULL, 10);

	for (;;) {
		int64_t count = 0;

		oldest = NULL;
		cJSON_ArrayForEach(release, world->releases)
		{
			if (!string_equal(json_string(release, "name"), name) ||
			    !string_equal(json_string(release, "namespace"), helm->namespace))
				continue;
			count++;
			if (!string_equal(json_string(release, "status"), "deployed") &&
			    (oldest == NULL || number(release, "revision") < number(oldest, "revision")))
				oldest = release;
		}
		if (keep <= 0 || count <= keep || oldest == NULL)
			return;
		cJSON_Delete(cJSON_DetachItemViaPointer(world->releases, oldest));
	}
}

static void
add_revision(struct rollback *rollback)
{
	static const char *const copied[] = { "chart", "version", "app_version", "config", "objects",
		"hooks", "notes" };
	struct helm *helm = rollback->helm;
	const cJSON *part;

	rollback->new = release_add(&helm->world, helm->namespace, rollback->name,
	    "pending-rollback", arena_printf(helm->tool->arena, "Rollback to %lld",
		(long long)number(rollback->to, "revision")));
	for (size_t i = 0; i < COUNT(copied); i++)
		if ((part = json_at(rollback->to, copied[i])) != NULL)
			cJSON_AddItemToObject(rollback->new, copied[i], cJSON_Duplicate(part, true));
}

/* ---- hooks ---- */

static bool
hook_fails(const cJSON *release, const char *event, const char **name)
{
	const cJSON *hook;
	const char *events;

	json_each(hook, json_at(release, "hooks"))
	{
		events = annotation(hook, "helm.sh/hook");
		if (events == NULL || strstr(events, event) == NULL)
			continue;
		*name = object_name(hook);
		if (strstr(json_string_or(json_at(hook, "spec.template.spec.containers")->child,
			"image", ""), "crash") != NULL)
			return true;
	}
	return false;
}

static int
run_hooks(struct rollback *rollback, const char *event)
{
	struct helm *helm = rollback->helm;
	const char *name;

	if (arguments_have(&helm->arguments, "--no-hooks") ||
	    !hook_fails(rollback->new, event, &name))
		return 0;
	return helm_error(helm, "resource Job/%s/%s not ready. status: Failed, message: Job Failed. "
	    "failed: 1/1", helm->namespace, name);
}

/* ---- waiting ---- */

/* A sentence about each workload that is not ready; NULL: all are. */
static const char *
not_ready(struct helm *helm, const cJSON *release)
{
	_cleanup_(text_clear) struct text sentence = TEXT_INIT;
	const cJSON *object, *live;
	int64_t wanted;

	json_each(object, json_at(release, "objects"))
	{
		live = object_find(&helm->world, json_string_or(object, "kind", ""), helm->namespace,
		    object_name(object));
		wanted = json_integer(live, "spec.replicas", 1);
		if (!object_is(object, "Deployment") ||
		    (number(live, "status.updatedReplicas") == wanted &&
			number(live, "status.availableReplicas") == wanted &&
			number(live, "status.replicas") == wanted))
			continue;
		text_printf(&sentence, "resource Deployment/%s/%s not ready. status: InProgress, "
		    "message: Updated: %lld/%lld\n", helm->namespace, object_name(object),
		    (long long)number(live, "status.updatedReplicas"), (long long)wanted);
	}
	return sentence.length > 0 ? arena_copy(helm->tool->arena, sentence.data, sentence.length)
	    : NULL;
}

static bool
waits(const struct helm *helm)
{
	const char *wait = arguments_flag(&helm->arguments, "--wait");

	return wait != NULL && !string_equal(wait, "false") && !string_equal(wait, "hookOnly");
}

/* The world was closed meanwhile: rows are looked up again. */
static const char *
wait_ready(struct rollback *rollback, int64_t revision)
{
	struct helm *helm = rollback->helm;
	struct world *world = &helm->world;
	int64_t limit = MINUTES(5), end, next;
	const char *sentence;

	(void)duration_read(arguments_flag_or(&helm->arguments, "--timeout", "5m"), &limit);
	end = world->now + limit;
	for (;;) {
		controllers_run(world, world->now);
		rollback->new = release_find(world, helm->namespace, rollback->name, revision);
		if ((sentence = not_ready(helm, rollback->new)) == NULL)
			return NULL;
		if (world->now >= end)
			return arena_printf(helm->tool->arena, "%scontext deadline exceeded", sentence);
		next = controllers_next(world);
		if (!world_wait(world, next < 0 || next > end ? end : next, NULL))
			exit(1);
	}
}

/* ---- the whole ---- */

static void
supersede(struct helm *helm, const char *name, int64_t below)
{
	cJSON *release;

	cJSON_ArrayForEach(release, helm->world.releases)
		if (string_equal(json_string(release, "name"), name) &&
		    string_equal(json_string(release, "namespace"), helm->namespace) &&
		    number(release, "revision") < below &&
		    string_equal(json_string(release, "status"), "deployed"))
			put_string(release, "status", "superseded");
}

static int
fail(struct rollback *rollback, const char *verb, const char *sentence)
{
	struct helm *helm = rollback->helm;

	set_status(helm, rollback->from, "superseded", NULL);
	set_status(helm, rollback->new, "failed", arena_printf(helm->tool->arena, "%s \"%s\" failed: %s",
	    verb, rollback->name, sentence));
	return 1;
}

static int
go(struct rollback *rollback)
{
	struct helm *helm = rollback->helm;
	struct error err = ERROR_INIT;
	const char *sentence;
	int64_t revision;

	add_revision(rollback);
	revision = number(rollback->new, "revision");
	if (run_hooks(rollback, "pre-rollback") != 0)
		return 1;
	if (!release_apply(&helm->world, rollback->from, rollback->new,
		arguments_have(&helm->arguments, "--force-conflicts"), &err)) {
		fail(rollback, "Rollback", err.text);
		text_add(&helm->tool->errors, "level=WARN msg=");
		json_print_string(&helm->tool->errors, json_string(rollback->new, "description"));
		text_add(&helm->tool->errors, "\n");
		return helm_error(helm, "%s", err.text);
	}
	if (waits(helm)) {
		sentence = wait_ready(rollback, revision);
		rollback->from = release_find(&helm->world, helm->namespace, rollback->name,
		    revision - 1);
		if (sentence != NULL) {
			fail(rollback, "Release", sentence);
			return helm_error(helm, "release %s failed: %s", rollback->name, sentence);
		}
	}
	if (run_hooks(rollback, "post-rollback") != 0)
		return 1;
	supersede(helm, rollback->name, revision);
	set_status(helm, rollback->new, "deployed", NULL);
	/* A failed or pending one stays what it was; the record says so (HM4). */
	prune(helm, rollback->name);
	text_add(&helm->tool->out, "Rollback was a success! Happy Helming!\n");
	return 0;
}

static bool
read_revision(struct helm *helm, int64_t *revision, int *status)
{
	const char *text = helm->arguments.count > 2 ? helm->arguments.item[2] : "0";
	char *end;

	*revision = strtoll(text, &end, 10);
	*status = 0;
	if (*end != '\0')
		*status = helm_error(helm, "could not convert revision to a number: strconv.Atoi: "
		    "parsing \"%s\": invalid syntax", text);
	else if (*revision < 0)
		*status = helm_error(helm, "invalid release revision");
	return *status == 0;
}

int
helm_rollback(struct helm *helm)
{
	struct rollback rollback = { .helm = helm };
	const char *dry_run = arguments_flag(&helm->arguments, "--dry-run");
	int64_t revision;
	int status;

	if (arguments_flag(&helm->arguments, "--output") != NULL)
		return helm_error(helm, "unknown shorthand flag: 'o' in -o");
	if (helm->arguments.count < 2)
		return helm_error(helm, "\"helm rollback\" requires at least 1 argument");
	rollback.name = helm->arguments.item[1];
	if (!read_revision(helm, &revision, &status))
		return status;
	rollback.from = release_find(&helm->world, helm->namespace, rollback.name, 0);
	if (rollback.from == NULL)
		return helm_error(helm, "release: not found");
	if (revision == 0)
		revision = number(rollback.from, "revision") - 1;
	rollback.to = release_find(&helm->world, helm->namespace, rollback.name, revision);
	if (revision == 0 || rollback.to == NULL)
		return helm_error(helm, "release has no %lld version", (long long)revision);
	/* Trap 3: a dry run looks at nothing and is a success. */
	if (dry_run != NULL && !string_equal(dry_run, "none") && !string_equal(dry_run, "false")) {
		text_add(&helm->tool->out, "Rollback was a success! Happy Helming!\n");
		return 0;
	}
	return go(&rollback);
}
