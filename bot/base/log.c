/* log.c - a line is made whole and leaves in one write. */

#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "text.h"

#define LINE_LIMIT KILOBYTES(8)

static struct {
	enum log_level threshold;
	bool as_json, to_journal;
	int fd;
	void (*mask)(struct text *line);
} logger = { .threshold = LOG_LEVEL_INFO, .fd = STDERR_FILENO };

static const char *const level_names[] = { "debug", "info", "warning", "error" };
/* As syslog(3) counts them. */
static const int priorities[] = { 7, 6, 4, 3 };

/* JOURNAL_STREAM says which file the journal's is (systemd.exec(5)); after a redirection it is another. */
static bool
is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat status;

	return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	    fstat(fd, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

void
log_setup(enum log_level threshold, bool as_json, int fd)
{
	logger.threshold = threshold;
	logger.as_json = as_json;
	logger.to_journal = is_journal(fd);
	logger.fd = fd;
}

void
log_mask(void (*mask)(struct text *line))
{
	logger.mask = mask;
}

enum log_level
log_threshold(void)
{
	return logger.threshold;
}

/* C0, DEL and C1 (two bytes in UTF-8) as escapes: neither a terminal nor a reader is fooled. */
static void
add_escaped(struct text *line, const struct text *message)
{
	const unsigned char *p = (const unsigned char *)message->data, *end = p + message->length;

	for (; p < end; p++) {
		if (*p == '\n')
			text_add(line, "\\n");
		else if (*p < 0x20 || *p == 0x7f)
			text_printf(line, "\\x%02x", *p);
		else if (*p == 0xc2 && p + 1 < end && p[1] >= 0x80 && p[1] < 0xa0)
			text_printf(line, "\\x%02x", *++p);
		else
			text_add_bytes(line, p, 1);
	}
}

static void
add_plain_line(struct text *line, const struct timespec *now, enum log_level level,
    const struct text *message)
{
	struct tm tm;

	gmtime_r(&now->tv_sec, &tm);
	text_printf(line, "%02d:%02d:%02d.%03ld %s ", tm.tm_hour, tm.tm_min, tm.tm_sec,
	    now->tv_nsec / 1000000, level_names[level]);
	add_escaped(line, message);
}

static void
add_json_line(struct text *line, const struct timespec *now, enum log_level level,
    const struct text *message)
{
	char day[32];
	struct tm tm;

	gmtime_r(&now->tv_sec, &tm);
	strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
	text_printf(line, "{\"time\":\"%s.%03ldZ\",\"level\":\"%s\",\"message\":", day,
	    now->tv_nsec / 1000000, level_names[level]);
	json_print_string(line, message->data);
	text_add_char(line, '}');
}

/* A log that cannot be written is not worth stopping for. */
static void
write_all(const char *bytes, size_t length)
{
	ssize_t n;

	while (length > 0) {
		n = write(logger.fd, bytes, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		bytes += n;
		length -= (size_t)n;
	}
}

/* The mask sees the message before it is escaped, as the values stand in it. */
static void _printf_(2, 0)
log_line(enum log_level level, const char *format, va_list ap)
{
	_cleanup_(text_clear) struct text message = TEXT_INIT_LIMIT(LINE_LIMIT);
	/* Escapes make it longer: six bytes for one at worst, and the frame. */
	_cleanup_(text_clear) struct text line = TEXT_INIT_LIMIT(LINE_LIMIT * 6 + 256);
	struct timespec now;
	int saved = errno;

	text_vprintf(&message, format, ap);
	if (message.cut) {
		message.limit += sizeof "…";
		message.cut = false;
		text_add(&message, "…");
	}
	if (logger.mask != NULL)
		logger.mask(&message);
	clock_gettime(CLOCK_REALTIME, &now);
	if (logger.to_journal)
		text_printf(&line, "<%d>", priorities[level]);
	(logger.as_json ? add_json_line : add_plain_line)(&line, &now, level, &message);
	text_add_char(&line, '\n');
	write_all(line.data, line.length);
	errno = saved;
}

#define LOGS(name, level)                                                                          \
	void name(const char *format, ...)                                                         \
	{                                                                                          \
		va_list ap;                                                                        \
                                                                                                   \
		if (level < logger.threshold)                                                      \
			return;                                                                    \
		va_start(ap, format);                                                              \
		log_line(level, format, ap);                                                       \
		va_end(ap);                                                                        \
	}

LOGS(log_debug, LOG_LEVEL_DEBUG)
LOGS(log_info, LOG_LEVEL_INFO)
LOGS(log_warning, LOG_LEVEL_WARNING)
LOGS(log_error, LOG_LEVEL_ERROR)
