/*
 * log.h - one line, one event, to stderr.
 *
 * debug: moves of machines; info: what people did; warning: what was survived (say "ignored" or
 * "retrying in 4 s"); error: what needs a person.  Text ("12:00:01.123 info operation 42: …") or
 * JSON, one object a line; control characters are escaped, so a line cannot be forged.  A mask, if
 * set, runs over each line before it leaves.  Output of children never goes here.  To systemd's journal
 * each line goes with its priority ("<4>", sd-daemon(3)), so that `journalctl -p warning` finds it.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "memory.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

struct text;
void log_setup(enum log_level, bool as_json, int fd);
void log_mask(void (*mask)(struct text *line));
enum log_level log_threshold(void);

void log_debug(const char *format, ...) _printf_(1, 2);
void log_info(const char *format, ...) _printf_(1, 2);
void log_warning(const char *format, ...) _printf_(1, 2);
void log_error(const char *format, ...) _printf_(1, 2);

#endif
