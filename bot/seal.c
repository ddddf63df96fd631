/* seal.c - marks that only we can make: keys in a file, HMAC-SHA256 of what is sealed. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/secret.h"
#include "base/text.h"
#include "seal.h"

#define KEYS_MOST 4
#define KEY_SIZE 32
#define KEY_DIGITS (2 * KEY_SIZE)
#define ID_DIGITS 8

struct seal {
	struct secret *file;	/* locked pages; the keys stay in it as they are written */
	struct {
		const char *digits;	/* KEY_DIGITS of them, in the file */
		char id[ID_DIGITS + 1];
	} keys[KEYS_MOST];
	size_t count;
};

static int
digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
read_key(const char *digits, unsigned char key[KEY_SIZE])
{
	for (size_t i = 0; i < KEY_SIZE; i++) {
		int high = digit_of(digits[2 * i]), low = high < 0 ? -1 : digit_of(digits[2 * i + 1]);

		if (low < 0)
			return false;
		key[i] = (unsigned char)(high * 16 + low);
	}
	return true;
}

/* Of a key nothing can be learnt by its id, which is the beginning of a digest. */
static void
name_key(const unsigned char key[KEY_SIZE], char id[ID_DIGITS + 1])
{
	struct digest digest;
	char hex[DIGEST_HEX];

	digest_init(&digest);
	digest_field(&digest, "rollcall seal key");
	digest_bytes(&digest, key, KEY_SIZE);
	digest_end(&digest, hex);
	memcpy(id, hex, ID_DIGITS);
	id[ID_DIGITS] = '\0';
}

static bool
read_keys(struct seal *seal, const char *path, struct error *err)
{
	const char *line = secret_reveal(seal->file);
	unsigned char key[KEY_SIZE];

	for (; *line != '\0'; line += KEY_DIGITS + (line[KEY_DIGITS] == '\n')) {
		if (seal->count == KEYS_MOST)
			return wrong(err, "%s holds more than %d keys; take the oldest ones out", path, KEYS_MOST);
		if (strnlen(line, KEY_DIGITS) < KEY_DIGITS || !read_key(line, key) ||
		    (line[KEY_DIGITS] != '\n' && line[KEY_DIGITS] != '\0'))
			return wrong(err, "line %zu of %s is no key of %d hexadecimal digits; without the file I make a new one",
			    seal->count + 1, path, KEY_DIGITS);
		seal->keys[seal->count].digits = line;
		name_key(key, seal->keys[seal->count++].id);
		explicit_bzero(key, sizeof(key));
	}
	return seal->count > 0 || wrong(err, "%s is empty; without the file I make a new one", path);
}

/* Whole or not at all: under another name first. */
static bool
write_key(const char *path, struct error *err)
{
	_cleanup_(freep) char *new = xasprintf("%s.new", path);
	unsigned char key[KEY_SIZE];
	char line[KEY_DIGITS + 1];
	bool written;
	int fd;

	(void)unlink(new);
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return failed(err, "%s cannot be made: %s", new, strerror(errno));
	random_bytes(key, sizeof(key));
	hex_print(key, sizeof(key), line);
	line[KEY_DIGITS] = '\n';
	written = write(fd, line, sizeof(line)) == (ssize_t)sizeof(line) && fsync(fd) == 0;
	explicit_bzero(key, sizeof(key));
	explicit_bzero(line, sizeof(line));
	if (close(fd) != 0 || !written || rename(new, path) != 0)
		return failed(err, "%s cannot be written: %s", path, strerror(errno));
	return true;
}

struct seal *
seal_load(const char *folder, struct error *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/seal.key", folder);
	struct seal *seal;

	if (access(path, F_OK) != 0 && errno == ENOENT && !write_key(path, err))
		return NULL;
	seal = xcalloc(1, sizeof(*seal));
	seal->file = secret_read_file(path, err);
	if (seal->file == NULL || !read_keys(seal, path, err)) {
		seal_free(seal);
		return NULL;
	}
	return seal;
}

void
seal_print_keys(const struct seal *seal, struct text *out)
{
	for (size_t i = 0; i < seal->count; i++)
		text_printf(out, "%s%s", i > 0 ? ", " : "", seal->keys[i].id);
}

void
seal_free(struct seal *seal)
{
	if (seal == NULL)
		return;
	secret_free(seal->file);
	free(seal);
}

static void
print_with(const struct seal *seal, size_t i, const char *kind, const char *argument, char out[SEAL_SIZE])
{
	_cleanup_(text_clear) struct text fields = TEXT_INIT;
	unsigned char key[KEY_SIZE], mac[DIGEST_SIZE];

	text_printf(&fields, "rollcall seal 1\n%zu:%s\n%zu:%s\n", strlen(kind), kind, strlen(argument),
	    argument);
	(void)read_key(seal->keys[i].digits, key);
	digest_hmac(key, sizeof(key), fields.data, fields.length, mac);
	explicit_bzero(key, sizeof(key));
	memcpy(out, seal->keys[i].id, ID_DIGITS);
	out[ID_DIGITS] = '.';
	hex_print(mac, sizeof(mac), out + ID_DIGITS + 1);
}

void
seal_print(const struct seal *seal, const char *kind, const char *argument, char out[SEAL_SIZE])
{
	print_with(seal, 0, kind, argument, out);
}

bool
seal_holds(const struct seal *seal, const char *kind, const char *argument, const char *given)
{
	char expected[SEAL_SIZE];

	if (given == NULL || strlen(given) != SEAL_SIZE - 1)
		return false;
	for (size_t i = 0; i < seal->count; i++) {
		if (strncmp(given, seal->keys[i].id, ID_DIGITS) != 0)
			continue;
		print_with(seal, i, kind, argument, expected);
		if (equal_in_constant_time(given, expected, SEAL_SIZE - 1))
			return true;
	}
	return false;
}
