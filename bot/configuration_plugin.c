/*
 * configuration_plugin.c - the one program that a kubeconfig may run (AR4): found, judged and digested at load.
 *
 * Whoever can write that file acts with the cluster's credentials, so it belongs to us or root and nobody else
 * may write it.  The digest is for people and the record; before each run its identity is compared, which
 * takes no time, and whatever replaced the file is not run.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "configuration_parts.h"

static void
identify(struct program *program, const struct stat *status)
{
	program->device = (int64_t)status->st_dev;
	program->inode = (int64_t)status->st_ino;
	program->size = (int64_t)status->st_size;
	program->modified = (int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
	program->changed = (int64_t)status->st_ctim.tv_sec * 1000000000 + status->st_ctim.tv_nsec;
}

/* Why it is not run, as a phrase; NULL: it may be. */
static const char *
why_not(const struct stat *status)
{
	if (!S_ISREG(status->st_mode) || (status->st_mode & 0111) == 0)
		return "is no program";
	if (status->st_uid != 0 && status->st_uid != geteuid())
		return "belongs neither to root nor to the account that I run as";
	if ((status->st_mode & 022) != 0)
		return "may be written by others";
	return NULL;
}

static bool
digest_file(int fd, char hex[DIGEST_HEX])
{
	struct digest digest;
	char bytes[65536];
	ssize_t length;

	digest_init(&digest);
	while ((length = read(fd, bytes, sizeof(bytes))) > 0)
		digest_raw(&digest, bytes, (size_t)length);
	digest_end(&digest, hex);
	return length == 0;
}

static bool
look_at(struct program *program, const char **why)
{
	struct stat status;
	int fd = open(program->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool good;

	*why = fd < 0 || fstat(fd, &status) != 0 ? strerror(errno) : why_not(&status);
	good = *why == NULL && digest_file(fd, program->digest);
	if (*why == NULL && !good)
		*why = "cannot be read";
	if (good)
		identify(program, &status);
	if (fd >= 0)
		close(fd);
	return good;
}

const struct program *
configuration_build_plugin(struct configuration *c, const struct value *value)
{
	const char *path = value_string(value), *why;
	struct program *program;

	if (path == NULL)
		return NULL;
	program = arena_new_of(c->arena, struct program);
	program->path = path;
	if (access(path, F_OK) != 0 && errno == ENOENT)		/* checked on another machine, say */
		settings_warning(c->settings, value, "%s is not there: the cluster cannot be reached", path);
	else if (!look_at(program, &why))
		settings_problem(c->settings, value, "found %s, which %s; expected a program of root's or mine that "
		    "nobody else may write", path, why);
	return program;
}

bool
program_is_same(const struct program *program, struct error *err)
{
	struct program now = { .path = program->path };
	struct stat status;

	if (program->digest[0] == '\0')
		return refuse(err, "the program %s was not there when I started", program->path);
	if (stat(program->path, &status) != 0)
		return refuse(err, "the program %s is not there any more: %s", program->path, strerror(errno));
	identify(&now, &status);
	if (now.device != program->device || now.inode != program->inode || now.size != program->size ||
	    now.modified != program->modified || now.changed != program->changed)
		return refuse(err, "the program %s is not the one whose digest I took when I started; look at it, and start me again",
		    program->path);
	return true;
}
