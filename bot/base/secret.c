/* secret.c - pages that leave the process only through secret_reveal. */

#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"

#define FILE_MAX KILOBYTES(64)

/* Lies at the beginning of its own mapping. */
struct secret {
	size_t mapped, length;
	char bytes[];
};

struct mask_set *
secret_mask(void)
{
	static struct mask_set *set;

	if (set == NULL)
		set = mask_set_new(NULL);
	return set;
}

/*
 * The advice may be refused (mlock by RLIMIT_MEMLOCK, the others by an old kernel): the secret is
 * needed all the same, and LimitCORE=0 and no swap are the installation's part.
 */
static struct secret *
map(size_t size)
{
	struct secret *secret = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (secret == MAP_FAILED)
		xmalloc(SIZE_MAX); /* aborts, as for all other memory */
	mlock(secret, size);
	madvise(secret, size, MADV_DONTDUMP);
	madvise(secret, size, MADV_WIPEONFORK);
	return secret;
}

struct secret *
secret_new(const char *value, size_t length)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t mapped = (sizeof(struct secret) + length + 1 + page - 1) / page * page;
	struct secret *secret = map(mapped);

	secret->mapped = mapped;
	secret->length = length;
	if (length > 0)
		memcpy(secret->bytes, value, length);
	mprotect(secret, mapped, PROT_READ);
	mask_add(secret_mask(), value, length);
	return secret;
}

void
secret_free(struct secret *secret)
{
	size_t mapped;

	if (secret == NULL)
		return;
	mapped = secret->mapped;
	if (mprotect(secret, mapped, PROT_READ | PROT_WRITE) == 0)
		explicit_bzero(secret, mapped);
	munmap(secret, mapped);
}

const char *
secret_reveal(const struct secret *secret)
{
	return secret->bytes;
}

bool
secret_equals(const struct secret *secret, const char *value, size_t length)
{
	return secret->length == length && equal_in_constant_time(secret->bytes, value, length);
}

bool
secret_same(const struct secret *a, const struct secret *b)
{
	return secret_equals(a, b->bytes, b->length);
}

/* Links are followed: a mounted Secret is one to ..data.  O_NONBLOCK: a FIFO must not hang us. */
static int
open_private(const char *path, struct error *err)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		wrong(err, "cannot read the secret file %s: %s", path, strerror(errno));
		return -1;
	}
	if (fstat(fd, &status) < 0)
		wrong(err, "cannot read the secret file %s: %s", path, strerror(errno));
	else if (!S_ISREG(status.st_mode))
		wrong(err, "the secret file %s is no regular file", path);
	else if (status.st_uid != geteuid() && status.st_uid != 0)
		wrong(err, "the secret file %s belongs to user %u; it must be ours or root's",
		    path, status.st_uid);
	else if ((status.st_mode & 07) != 0)
		wrong(err, "the secret file %s is open to everybody: chmod o= %s", path, path);
	else
		return fd;
	close(fd);
	return -1;
}

/* Up to size bytes, -1 with errno. */
static ssize_t
read_all(int fd, char *bytes, size_t size)
{
	size_t length = 0;
	ssize_t n;

	while (length < size) {
		n = read(fd, bytes + length, size - length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		length += (size_t)n;
	}
	return (ssize_t)length;
}

static struct secret *
from_bytes(const char *path, const char *bytes, size_t length, struct error *err)
{
	if (length > FILE_MAX) {
		wrong(err, "the secret file %s is longer than 64 KiB", path);
		return NULL;
	}
	if (length > 0 && bytes[length - 1] == '\n')
		length--;
	if (length > 0 && bytes[length - 1] == '\r')
		length--;
	if (length == 0) {
		wrong(err, "the secret file %s is empty", path);
		return NULL;
	}
	if (memchr(bytes, '\0', length) != NULL) {
		wrong(err, "the secret file %s is no text: it has a NUL byte", path);
		return NULL;
	}
	return secret_new(bytes, length);
}

struct secret *
secret_read_file(const char *path, struct error *err)
{
	struct secret *secret = NULL;
	char *bytes;
	ssize_t length;
	int fd;

	if ((fd = open_private(path, err)) < 0)
		return NULL;
	bytes = xmalloc(FILE_MAX + 1);
	length = read_all(fd, bytes, FILE_MAX + 1);
	if (length < 0)
		wrong(err, "cannot read the secret file %s: %s", path, strerror(errno));
	else
		secret = from_bytes(path, bytes, (size_t)length, err);
	close(fd);
	explicit_bzero(bytes, FILE_MAX + 1);
	freep(&bytes);
	return secret;
}
