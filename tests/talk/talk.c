/* talk.c - one talk from its file to its verdict. */

#include "talk.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "control.h"
#include "process.h"
#include "real.h"
#include "report.h"
#include "rollcall.h"
#include "statements.h"
#include "tools.h"
#include "torture.h"
#include "waiting.h"

#define ROOM MEGABYTES(256)
#define BEGINNING 1795270800000	/* 2026-11-21T14:20:00Z */

static const char *const known_places[] = { "#incidents", "#releases", "#admins", "#random" };

/* In memory where there is room: a busy disk's fdatasync would be taken for a hang. */
static const char *
base_folder(void)
{
	struct statvfs room;

	if (getenv("TMPDIR") != NULL)
		return getenv("TMPDIR");
	if (access("/dev/shm", W_OK) == 0 && statvfs("/dev/shm", &room) == 0 &&
	    room.f_bavail * room.f_bsize > ROOM)
		return "/dev/shm";
	return "/tmp";
}

static bool
make_folder(struct talk *talk, struct error *err)
{
	char *folder = arena_printf(talk->arena, "%s/talk-XXXXXX", base_folder());

	if (mkdtemp(folder) == NULL)
		return failed(err, "%s: %s", folder, strerror(errno));
	talk->folder = folder;
	return true;
}

static bool
read_script(struct talk *talk, struct error *err)
{
	const char *slash = strrchr(talk->path, '/'), *text;

	talk->beside = slash == NULL ? "."
	    : arena_copy(talk->arena, talk->path, (size_t)(slash - talk->path));
	text = talk_file(talk, slash == NULL ? talk->path : slash + 1, false, NULL, err);
	return text != NULL && script_read(talk->arena, &talk->script, talk->path, text, err);
}

static bool
begin(struct talk *talk, struct error *err)
{
	struct fake_slack_options options = { .turned = !talk->options->real, .now = BEGINNING };

	talk->slack = fake_slack_new(&talk->loop, &options, err);
	if (talk->slack == NULL)
		return false;
	for (size_t i = 0; i < COUNT(known_places); i++)
		talk_note_place(talk, known_places[i]);
	torture_begin(talk);
	return control_start(talk, err) && tools_start(talk, err) &&
	    (!talk->options->real || real_begin(talk, err));
}

/* What a talk need not say: that it ends well, and that nothing unforeseen was asked. */
static bool
good_end(struct talk *talk, struct error *err)
{
	const char *sign, *call;

	if (talk->rollcall != NULL && talk->rollcall->runs && !rollcall_stop(talk, err))
		return error_wrap(err, "at the end");
	if ((sign = rollcall_sanitizer(talk)) != NULL)
		return broken(err, "rollcall's log says “%s”", sign);
	if (*(sign = fake_slack_violations(talk->slack)) != '\0')
		return failed(err, "against what Slack publishes: %s", sign);
	if ((call = tools_unanswered(talk)) != NULL)
		return failed(err, "the talk has no answer for: %s", call);
	return true;
}

static void
end(struct talk *talk)
{
	if (talk->options->real)
		real_end(talk);
	processes_stop(talk);
	if (talk->tools != NULL)
		tools_stop(talk);
	if (talk->control != NULL)
		control_stop(talk);
	uv_close((uv_handle_t *)&talk->poke, NULL);
	if (talk->slack != NULL)
		fake_slack_free(talk->slack);
	uv_run(&talk->loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&talk->loop) != 0)
		fprintf(stderr, "talk: the loop has handles left over\n");
	processes_free(talk);
}

static void
remove_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	char *name;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		if (string_equal(entry->d_name, ".") || string_equal(entry->d_name, ".."))
			continue;
		name = xasprintf("%s/%s", path, entry->d_name);
		if (unlink(name) != 0)
			remove_folder(name);
		free(name);
	}
	if (folder != NULL)
		closedir(folder);
	rmdir(path);
}

bool
talk_run(const struct talk_options *options, const char *path, struct torture *torture,
    char **title, FILE *out)
{
	struct talk talk = { .options = options, .path = path, .arena = arena_new(),
		.torture = torture };
	struct error err = ERROR_INIT;
	bool passed;

	text_init(&talk.log, MEGABYTES(64));
	uv_loop_init(&talk.loop);
	uv_timer_init(&talk.loop, &talk.poke);
	passed = make_folder(&talk, &err) && read_script(&talk, &err) && begin(&talk, &err) &&
	    script_run(&talk, &talk.script, &err) && good_end(&talk, &err);
	torture_end(&talk);
	*title = xstrdup(talk.title != NULL ? talk.title : path);
	if (!passed)
		report_failure(&talk, out, &err);
	if (options->keep && talk.folder != NULL)
		report_keep(&talk, out);
	end(&talk);
	if (!options->keep && talk.folder != NULL)
		remove_folder(talk.folder);
	text_clear(&talk.log);
	arena_free(talk.arena);
	return passed;
}
