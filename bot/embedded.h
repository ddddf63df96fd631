/*
 * embedded.h - files of config/ that are inside the binary, so that it runs without any beside it.
 */
#ifndef BOT_EMBEDDED_H
#define BOT_EMBEDDED_H

extern const char embedded_sample[];		/* config/rollcall.yaml */
extern const char embedded_playground[];	/* config/playground.yaml */
extern const char embedded_notification[];	/* config/templates/rollback-notification.txt */

#endif
