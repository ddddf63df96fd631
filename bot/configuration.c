/* configuration.c - a file or a text to what the installation says, or to everything wrong with it. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "configuration_parts.h"

static void
closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Whoever can write this file decides what is run (threats CS2). */
static bool
file_is_safe(const char *path, const struct stat *status, struct text *problems)
{
	if (!S_ISREG(status->st_mode))
		text_printf(problems, "%s: found something that is no file, expected one\n", path);
	else if (status->st_uid != 0 && status->st_uid != geteuid())
		text_printf(problems,
		    "%s: found a file of another user, expected one of ours or root's\n", path);
	else if ((status->st_mode & S_IWOTH) != 0)
		text_printf(problems,
		    "%s: found a file that everybody may write; run: chmod o-w %s\n", path, path);
	else
		return true;
	return false;
}

static bool
file_read(const char *path, struct text *out, struct text *problems)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char buffer[16384];
	struct stat status;
	ssize_t length = -1;

	if (fd >= 0 && fstat(fd, &status) == 0) {
		if (!file_is_safe(path, &status, problems))
			return false;
		while ((length = read(fd, buffer, sizeof(buffer))) > 0)
			text_add_bytes(out, buffer, (size_t)length);
		explicit_bzero(buffer, sizeof(buffer));
	}
	if (length < 0)
		text_printf(problems, "%s: cannot be read: %s\n", path, strerror(errno));
	return length == 0;
}

/* Absolute, since tools run elsewhere. */
static char *
folder_of(const char *path)
{
	const char *slash = path != NULL ? strrchr(path, '/') : NULL;
	_cleanup_(freep) char *folder = slash == NULL ? xstrdup(".") :
	    xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
	char *absolute = realpath(folder, NULL);

	return absolute != NULL ? absolute : xstrdup(folder);
}

static struct configuration *
configuration_read(const char *path, const char *text, size_t length, struct text *problems)
{
	_cleanup_(freep) char *folder = folder_of(path);
	struct configuration *c;
	struct settings *settings;
	struct arena *arena;

	settings = settings_read(path != NULL ? path : "embedded", text, length, folder, problems);
	if (settings == NULL)
		return NULL;
	arena = arena_new();
	c = arena_new_of(arena, struct configuration);
	c->arena = arena;
	c->settings = settings;
	c->holders = arena_new_of(arena, size_t);
	*c->holders = 1;
	c->path = arena_strdup(arena, path);
	configuration_build(c);
	configuration_check(c);
	if (settings_end(settings, problems))
		return c;
	configuration_free(c);
	return NULL;
}

struct configuration *
configuration_load(const char *path, const char *text, struct text *problems)
{
	/* One byte more than allowed, so that a longer file is not read as a shorter one. */
	_cleanup_(text_wipe) struct text file = TEXT_INIT_LIMIT(SETTINGS_BYTES + 2);

	if (path == NULL)
		return configuration_read(NULL, text, strlen(text), problems);
	if (!file_read(path, &file, problems))
		return NULL;
	return configuration_read(path, file.data, file.length, problems);
}

char *
configuration_socket(const char *path, struct text *problems)
{
	_cleanup_(text_wipe) struct text file = TEXT_INIT_LIMIT(SETTINGS_BYTES + 2);
	_cleanup_(freep) char *folder = folder_of(path);
	struct settings *settings;
	const char *socket;
	char *found;

	if (!file_read(path, &file, problems))
		return NULL;
	settings = settings_read(path, file.data, file.length, folder, problems);
	socket = settings != NULL ? settings_string(settings, "listen.socket") : NULL;
	found = socket != NULL ? xstrdup(socket) : NULL;
	settings_free(settings);
	return found;
}

void
configuration_hold(const struct configuration *c)
{
	if (c->holders != NULL)
		(*c->holders)++;
}

void
configuration_release(const struct configuration *c)
{
	if (c->holders == NULL || --*c->holders > 0)
		return;
	settings_free(c->settings);
	arena_free(c->arena);
}

void
configuration_free(const struct configuration *c)
{
	if (c != NULL)
		configuration_release(c);
}

char *
configuration_folder(const struct configuration *c)
{
	const char *slash = strrchr(c->state, '/');

	return slash != NULL ? xstrndup(c->state, (size_t)(slash - c->state)) : xstrdup(".");
}

const struct cluster *
configuration_cluster(const struct configuration *c, const char *name)
{
	for (size_t i = 0; i < c->clusters.count; i++)
		if (string_equal(c->clusters.item[i].name, name))
			return &c->clusters.item[i];
	return NULL;
}

const struct environment *
configuration_environment(const struct configuration *c, const char *name)
{
	for (size_t i = 0; i < c->environments.count; i++)
		if (string_equal(c->environments.item[i].name, name))
			return &c->environments.item[i];
	return NULL;
}

const struct target_setting *
configuration_target(const struct configuration *c, const char *key)
{
	for (size_t i = 0; i < c->targets.count; i++)
		if (string_equal(c->targets.item[i].key, key))
			return &c->targets.item[i];
	return NULL;
}
