/* tool.c - where a fake tool was called, for which cluster, and its output. */

#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *
tool_file(struct tool *tool, const char *name)
{
	return arena_printf(tool->arena, "%s/%s", tool->folder, name);
}

static void
write_all(int fd, struct text *text)
{
	size_t done = 0;
	ssize_t length;

	while (done < text->length) {
		length = write(fd, text->data + done, text->length - done);
		if (length < 0 && errno != EINTR)
			break;
		done += length > 0 ? (size_t)length : 0;
	}
	text_reset(text);
}

void
tool_flush(struct tool *tool)
{
	write_all(STDOUT_FILENO, &tool->out);
	write_all(STDERR_FILENO, &tool->errors);
}

static const char *
flag_value(char **argv, const char *flag)
{
	size_t length = strlen(flag);

	for (; *argv != NULL; argv++) {
		if (strncmp(*argv, flag, length) != 0)
			continue;
		if ((*argv)[length] == '=')
			return *argv + length + 1;
		if ((*argv)[length] == '\0')
			return argv[1];
	}
	return NULL;
}

/* "current-context: primary", in YAML or JSON, of the file that KUBECONFIG or --kubeconfig names. */
static const char *
current_context(struct tool *tool)
{
	const char *path = flag_value(tool->argv, "--kubeconfig"), *found = NULL;
	static const char key[] = "current-context";
	char line[1024], *value;
	FILE *file;

	if (path == NULL && (path = getenv("KUBECONFIG")) == NULL)
		return NULL;
	if ((file = fopen(path, "re")) == NULL)
		return NULL;
	while (found == NULL && fgets(line, sizeof(line), file) != NULL)
		if ((value = strstr(line, key)) != NULL) {
			value += strlen(key);
			value += strspn(value, " :\"'");
			found = arena_copy(tool->arena, value, strcspn(value, " \"',}\r\n"));
		}
	fclose(file);
	return found;
}

void
tool_find_cluster(struct tool *tool)
{
	tool->cluster = flag_value(tool->argv, "--context");
	if (tool->cluster == NULL)
		tool->cluster = flag_value(tool->argv, "--kube-context");
	if (tool->cluster == NULL)
		tool->cluster = current_context(tool);
}

/* ---- time ---- */

int64_t
tool_now(const struct tool *tool)
{
	struct timespec now;

	if (tool->clock != 0)
		return tool->clock;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
tool_wait(struct tool *tool, int64_t until)
{
	int64_t ms = until - tool_now(tool);

	tool_flush(tool);
	if (tool->runner >= 0) {
		if (!scripted_wait(tool, until))
			exit(1);
		return;
	}
	ms = ms < 1 ? 1 : ms > 200 ? 200 : ms;
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}
