/* log.c - lines read back through a pipe. */

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "test.h"

static int ends[2];

/* Runs before each line: a fresh pipe. */
static void
listen_to(enum log_level level, bool as_json)
{
	assert_int_equal(pipe(ends), 0);
	log_setup(level, as_json, ends[1]);
}

static const char *
heard(void)
{
	static char line[60000];
	ssize_t n;

	log_setup(LOG_LEVEL_INFO, false, STDERR_FILENO);
	close(ends[1]);
	n = read(ends[0], line, sizeof line - 1);
	close(ends[0]);
	assert_true(n >= 0);
	line[n] = '\0';
	return line;
}

TEST(a_line_has_time_level_and_text)
{
	const char *line;
	int hour, minute, length = 0;

	listen_to(LOG_LEVEL_DEBUG, false);
	log_info("operation %d: %s", 42, "done");
	line = heard();
	assert_int_equal(sscanf(line, "%2d:%2d:%*2d.%*3d info operation 42: done\n%n", &hour, &minute,
			     &length), 2);
	assert_int_equal(length, strlen(line));
	assert_true(hour < 24 && minute < 60);
}

TEST(the_journal_gets_priorities_and_nobody_else)
{
	static const char *const streams[] = { "", "1", "0:0" };
	struct stat status;
	char stream[64];

	for (size_t i = 0; i < COUNT(streams); i++) {
		setenv("JOURNAL_STREAM", streams[i], 1);
		listen_to(LOG_LEVEL_DEBUG, false);
		log_warning("one");
		assert_row(i, heard()[0] != '<');
	}
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fstat(ends[1], &status), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)status.st_dev,
	    (unsigned long long)status.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_setup(LOG_LEVEL_DEBUG, true, ends[1]);
	log_debug("one");
	log_info("two");
	log_warning("three");
	log_error("four");
	unsetenv("JOURNAL_STREAM");
	const char *line = heard();
	for (const char *begin = "7643"; *begin != '\0'; begin++, line = strchr(line, '\n') + 1) {
		assert_int_equal(line[1], *begin);
		assert_true(string_starts(line + 2, ">{\"time\":"));
	}
	assert_int_equal(*line, '\0');
}

TEST(what_is_below_the_threshold_is_not_written)
{
	const char *line;

	listen_to(LOG_LEVEL_WARNING, false);
	assert_int_equal(log_threshold(), LOG_LEVEL_WARNING);
	log_debug("one");
	log_info("two");
	log_warning("three");
	log_error("four");
	line = heard();
	assert_null(strstr(line, "one"));
	assert_null(strstr(line, "two"));
	assert_non_null(strstr(line, " warning three\n"));
	assert_non_null(strstr(line, " error four\n"));
}

TEST(a_line_cannot_be_forged)
{
	const char *line;

	listen_to(LOG_LEVEL_INFO, false);
	log_info("%s", "a\n12:00 error b\r\x1b[2J\x7f\xc2\x9b" "0m é");
	line = heard();
	assert_non_null(strstr(line, "a\\n12:00 error b\\x0d\\x1b[2J\\x7f\\x9b0m é\n"));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

TEST(json_lines_are_one_object_each)
{
	const char *line;
	cJSON *document;

	listen_to(LOG_LEVEL_INFO, true);
	log_warning("say \"%s\"\n", "x\xff");
	line = heard();
	document = json_parse(line, strlen(line), NULL);
	assert_string_equal(json_string(document, "level"), "warning");
	assert_string_equal(json_string(document, "message"), "say \"x\xef\xbf\xbd\"\n");
	assert_int_equal(strlen(json_string(document, "time")), strlen("2026-11-21T14:22:10.123Z"));
	cJSON_Delete(document);
}

static void
hide(struct text *line)
{
	char *found = strstr(line->data, "hunter2");

	if (found != NULL)
		memcpy(found, "*******", 7);
}

TEST(the_mask_runs_over_each_line)
{
	const char *line;

	listen_to(LOG_LEVEL_INFO, false);
	log_mask(hide);
	log_info("the word is hunter2");
	log_mask(NULL);
	line = heard();
	assert_null(strstr(line, "hunter2"));
	assert_non_null(strstr(line, "the word is *******\n"));
}

TEST(a_long_message_is_cut_visibly)
{
	const char *line;

	listen_to(LOG_LEVEL_INFO, false);
	log_info("%020000d", 0);
	line = heard();
	assert_true(strlen(line) < 9000);
	assert_true(string_ends(line, "0…\n"));
}

TEST(errno_survives_a_line)
{
	listen_to(LOG_LEVEL_INFO, false);
	close(ends[0]);
	close(ends[1]);
	errno = EXDEV;
	log_info("into a closed descriptor");
	assert_int_equal(errno, EXDEV);
}

TEST(every_control_character_is_escaped)
{
	for (int c = 1; c < 0x20; c++) {
		const char *line;

		listen_to(LOG_LEVEL_INFO, false);
		log_info("a%cb", c);
		line = heard();
		for (const char *p = line; *p != '\0'; p++)
			assert_row(c, (unsigned char)*p >= 0x20 || (*p == '\n' && p[1] == '\0'));
		assert_row(c, strchr(line, '\\') != NULL);
	}
}

TEST(a_mask_sees_the_message_before_it_is_escaped)
{
	const char *line;

	listen_to(LOG_LEVEL_INFO, true);
	log_mask(hide);
	log_error("the \"word\" is hunter2");
	log_mask(NULL);
	line = heard();
	assert_non_null(strstr(line, "\"message\":\"the \\\"word\\\" is *******\"}\n"));
}

TEST(lines_stand_one_after_the_other)
{
	const char *line;

	listen_to(LOG_LEVEL_DEBUG, true);
	for (int i = 0; i < 3; i++)
		log_debug("line %d", i);
	line = heard();
	for (int i = 0; i < 3; i++) {
		const char *end = strchr(line, '\n');
		cJSON *document;

		assert_non_null(end);
		document = json_parse(line, (size_t)(end - line), NULL);
		assert_string_equal(json_string(document, "level"), "debug");
		cJSON_Delete(document);
		line = end + 1;
	}
	assert_string_equal(line, "");
}
