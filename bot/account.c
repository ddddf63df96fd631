/* account.c - root gives its rights away before it touches what belongs to rollcall's account. */

#include "account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

bool
account_of_file(const char *path, struct error *err)
{
	struct stat status;

	if (geteuid() != 0 || stat(path, &status) != 0 || status.st_uid == 0)
		return true;
	if (setgroups(0, NULL) == 0 && setgid(status.st_gid) == 0 && setuid(status.st_uid) == 0)
		return true;
	return failed(err, "%s belongs to user %u, which root cannot become here: %s", path, status.st_uid,
	    strerror(errno));
}

bool
account_of_state(const struct configuration *configuration, bool installed, struct error *err)
{
	_cleanup_(freep) char *folder = configuration_folder(configuration);
	const struct passwd *account = getpwnam("rollcall");

	if (access(folder, F_OK) == 0 || account == NULL || !installed)
		return account_of_file(folder, err);
	if (geteuid() != 0 || (setgroups(0, NULL) == 0 && setgid(account->pw_gid) == 0 && setuid(account->pw_uid) == 0))
		return true;
	return failed(err, "root cannot become the account rollcall here: %s", strerror(errno));
}

