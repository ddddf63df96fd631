/* backup.c - slices of a copy until it is whole, then a line in the record. */

#include <string.h>
#include <sys/stat.h>

#include "backup.h"
#include "base/log.h"

struct backup {
	struct store_job job;
	struct arena *arena;
	struct bot *bot;
	const char *path;
	struct audit_row audit;
	control_done *done;
	void *arg;
};

static void
end(struct backup *backup, enum error_kind why, const char *text)
{
	backup->bot->backing_up = false;
	backup->done(backup->arg, why, text);
	arena_free(backup->arena);
}

static bool
record_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	return verbs->audit_add(db, &CONTAINER(job, struct backup, job)->audit, err);
}

static void
record_done(struct store_job *job)
{
	struct backup *backup = CONTAINER(job, struct backup, job);
	struct stat stat = { 0 };

	if (job->error.kind != ERROR_NONE)
		log_error("a backup was made, but that could not be recorded: %s", job->error.text);
	(void)lstat(backup->path, &stat);
	log_info("the store was copied to %s, on the word of %s", backup->path, backup->audit.actor);
	end(backup, ERROR_NONE, arena_printf(backup->arena, "The store was copied to %s (%lld bytes)",
	    backup->path, (long long)stat.st_size));
}

static bool
copy_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	return verbs->backup(db, CONTAINER(job, struct backup, job)->path, &job->again, err);
}

static void
copy_done(struct store_job *job)
{
	struct backup *backup = CONTAINER(job, struct backup, job);

	if (job->error.kind != ERROR_NONE) {
		log_warning("no backup was made: %s", job->error.text);
		end(backup, job->error.kind, job->error.text);
		return;
	}
	backup->job = (struct store_job){ .work = record_work, .done = record_done };
	store_start(backup->bot->store, &backup->job);
}

void
backup_start(struct bot *bot, const char *path, const char *who, control_done *done, void *arg)
{
	struct arena *arena;
	struct backup *backup;

	if (path == NULL || path[0] != '/') {
		done(arg, WRONG, "Which file? Say: rollcall backup FILE");
		return;
	}
	if (bot->backing_up || !bot->store_open) {
		done(arg, REFUSED, bot->backing_up
			? "Another backup is being made just now. Ask again when it is done"
			: "The store is not open yet. Ask again in a moment");
		return;
	}
	arena = arena_new();
	backup = arena_new_of(arena, struct backup);
	backup->arena = arena;
	backup->bot = bot;
	backup->path = arena_strdup(arena, path);
	backup->done = done;
	backup->arg = arg;
	backup->audit = (struct audit_row){ .stamp = loop_wall(bot->loop), .kind = "backup",
		.actor = arena_strdup(arena, who), .text = backup->path, .detail = "{}" };
	backup->job = (struct store_job){ .work = copy_work, .done = copy_done, .alone = true };
	bot->backing_up = true;
	store_start(bot->store, &backup->job);
}
