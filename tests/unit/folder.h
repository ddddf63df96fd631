/*
 * folder.h - a folder of its own for each test, removed at the end with all that is in it.
 *
 *	_cleanup_(folder_remove) struct folder folder = folder_make();
 *	folder_path(&folder, "a/b.db")		lives as long as the folder
 */
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

struct folder {
	struct arena *arena;
	char *path;
};

static inline struct folder
folder_make(void)
{
	const char *parent = getenv("TMPDIR");
	struct folder folder = { .arena = arena_new() };

	folder.path =
	    arena_printf(folder.arena, "%s/rollcall-test-XXXXXX", parent != NULL ? parent : "/tmp");
	assert_non_null(mkdtemp(folder.path));
	return folder;
}

static inline const char *
folder_path(const struct folder *folder, const char *name)
{
	return arena_printf(folder->arena, "%s/%s", folder->path, name);
}

static inline int
folder_remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void
folder_remove(struct folder *folder)
{
	nftw(folder->path, folder_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(folder->arena);
}

static inline unsigned
file_mode(const char *path)
{
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	return (unsigned)status.st_mode & 07777;
}

static inline bool
file_is_there(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

static inline void
file_write(const char *path, const void *bytes, size_t length, mode_t mode)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);

	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, bytes, length), (int)length);
	close(descriptor);
}

#endif
