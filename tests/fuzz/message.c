/* message.c - any bytes as a stored message: what is read is printed and read the same again. */

#include "fuzz.h"
#include "message.h"

FUZZ
{
	struct error err = ERROR_INIT;
	_cleanup_(message_freep) struct message *message = message_read(bytes, length, &err);
	_cleanup_(message_freep) struct message *again = NULL;
	_cleanup_(text_clear) struct text once = TEXT_INIT, twice = TEXT_INIT, plain = TEXT_INIT;

	must((message == NULL) == (err.kind != ERROR_NONE));
	if (message == NULL)
		return;
	message_print(message, &once);
	message_plain(message, &plain);
	must((again = message_read(once.data, once.length, &err)) != NULL);
	message_print(again, &twice);
	must(string_equal(once.data, twice.data));
}
