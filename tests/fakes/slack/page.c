/* page.c - the loopback web page that shows the channels. */

#include <string.h>

#include "server.h"

void
page_handle(struct exchange *x)
{
	static const char missing[] = "not found\n";

	exchange_answer(x, 404, "text/plain", NULL, missing, strlen(missing));
}
