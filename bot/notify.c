/* notify.c - READY=1 and its like, to the service manager. */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "notify.h"
#include "variables.h"

/* false: there is no manager, or its socket has no name that fits. */
static bool
manager(struct sockaddr_un *address, socklen_t *size)
{
	const char *name = variable_find("NOTIFY_SOCKET");
	size_t length = name != NULL ? strlen(name) : 0;

	if (length < 2 || length >= sizeof(address->sun_path) || (name[0] != '/' && name[0] != '@'))
		return false;
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, name, length);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	*size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return true;
}

static void
add_line(struct text *out, const char *prefix, const char *value)
{
	text_add(out, out->length > 0 ? "\n" : "");
	text_add(out, prefix);
	for (; *value != '\0'; value++)
		text_add_char(out, *value == '\n' ? ' ' : *value);
}

void
notify_say(const char *state, const char *status)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	struct sockaddr_un address;
	socklen_t size;
	int fd;

	if (!manager(&address, &size) ||
	    (fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
		return;
	if (state != NULL)
		add_line(&out, "", state);
	if (status != NULL)
		add_line(&out, "STATUS=", status);
	(void)sendto(fd, out.data, out.length, MSG_NOSIGNAL, (const struct sockaddr *)&address, size);
	close(fd);
}

int64_t
notify_watchdog(void)
{
	const char *pid = variable_find("WATCHDOG_PID"), *usec = variable_find("WATCHDOG_USEC");
	int64_t interval;

	if (usec == NULL || (pid != NULL && strtoll(pid, NULL, 10) != (long long)getpid()))
		return 0;
	interval = strtoll(usec, NULL, 10) / 1000 / 2;
	return interval > 0 ? interval : 0;
}
