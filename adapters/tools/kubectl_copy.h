/*
 * kubectl_copy.h - which private kubeconfigs are still true copies, so that a child costs no new one.
 *
 * Reading, checking and writing one took a third of what a child costs the loop, most of it the disk under
 * rename.  A copy stays good while both files are those that were seen: same device, inode, size and times.
 * A file that was changed less than a second before it was read is never noted, since the clock of files
 * is coarse.  Few are ever noted: one for each cluster and tool.
 */
#ifndef ADAPTERS_KUBECTL_COPY_H
#define ADAPTERS_KUBECTL_COPY_H

#include <stdbool.h>
#include <sys/stat.h>

/* to: the private file.  context: the configured one, NULL for the file's own. */
bool kubectl_copy_is_good(const char *from, const char *context, const char *to);
/* from was read as it was then, and `to` written from it. */
void kubectl_copy_note(const char *from, const char *context, const char *to, const struct stat *then);

#endif
