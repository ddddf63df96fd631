/* peer.c - a connection of the load generator, from its bytes to requests and frames and back. */

#include "peer.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE KILOBYTES(64)
#define MESSAGE_MOST MEGABYTES(2)

struct peer *
peer_new(struct load *load, int fd, SSL_CTX *trust)
{
	struct peer *peer = xcalloc(1, sizeof(*peer));

	peer->load = load;
	peer->fd = fd;
	text_init(&peer->in, MESSAGE_MOST);
	text_init(&peer->out, MEGABYTES(64));
	if (trust != NULL) {
		peer->ssl = SSL_new(trust);
		SSL_set_fd(peer->ssl, fd);
		SSL_set_accept_state(peer->ssl);
	}
	return peer;
}

void
peer_free(struct peer *peer)
{
	SSL_free(peer->ssl);
	close(peer->fd);
	text_clear(&peer->in);
	text_clear(&peer->out);
	free(peer);
}

/* ---- bytes ---- */

/* > 0: so many; 0: nothing at the moment; < 0: over. */
static ssize_t
result_of(struct peer *peer, ssize_t done)
{
	int why;

	if (done > 0)
		return done;
	if (peer->ssl == NULL)
		return done < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
	why = SSL_get_error(peer->ssl, (int)done);
	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static ssize_t
get_bytes(struct peer *peer, char *bytes, size_t size)
{
	return result_of(peer, peer->ssl != NULL ? SSL_read(peer->ssl, bytes, (int)size)
						 : recv(peer->fd, bytes, size, 0));
}

static ssize_t
put_bytes(struct peer *peer, const char *bytes, size_t length)
{
	return result_of(peer, peer->ssl != NULL ? SSL_write(peer->ssl, bytes, (int)length)
						 : send(peer->fd, bytes, length, MSG_NOSIGNAL));
}

bool
peer_flush(struct peer *peer)
{
	size_t from = 0;
	ssize_t done;

	while (from < peer->out.length) {
		done = put_bytes(peer, peer->out.data + from, peer->out.length - from);
		if (done < 0)
			return false;
		if (done == 0)
			break;
		from += (size_t)done;
	}
	if (from == peer->out.length)
		text_reset(&peer->out);
	else if (from > 0)
		text_drop(&peer->out, from);
	return true;
}

/* ---- HTTP ---- */

static const char *
header_value(const char *head, const char *name)
{
	const char *at = strcasestr(head, name);

	return at != NULL ? at + strlen(name) + strspn(at + strlen(name), " ") : NULL;
}

static void
answer_upgrade(struct peer *peer, const char *key)
{
	unsigned char digest[EVP_MAX_MD_SIZE], base64[64];
	_cleanup_(text_clear) struct text both = TEXT_INIT;
	unsigned length = 0;

	text_add_bytes(&both, key, strcspn(key, "\r\n "));
	text_add(&both, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
	EVP_Digest(both.data, both.length, digest, &length, EVP_sha1(), NULL);
	EVP_EncodeBlock(base64, digest, (int)length);
	text_printf(&peer->out,
	    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: %s\r\n\r\n", (const char *)base64);
	peer->is_link = true;
	load_upgrade(peer);
}

/* Bytes used of what came; 0: more is needed; −1: not understood. */
static ssize_t
take_request(struct peer *peer, char *bytes, size_t length)
{
	char *end = memmem(bytes, length, "\r\n\r\n", 4), *path, *path_end;
	const char *value;
	size_t head, body;

	if (end == NULL)
		return length > KILOBYTES(32) ? -1 : 0;
	end[2] = '\0';
	head = (size_t)(end - bytes) + 4;
	value = header_value(bytes, "\r\nContent-Length:");
	body = value != NULL ? strtoul(value, NULL, 10) : 0;
	if (body > MESSAGE_MOST)
		return -1;
	if (length < head + body) {
		end[2] = '\r';
		return 0;
	}
	path = strchr(bytes, ' ');
	path_end = path != NULL ? strchr(path + 1, ' ') : NULL;
	if (path_end == NULL)
		return -1;
	value = header_value(bytes, "\r\nSec-WebSocket-Key:");
	*path_end = '\0';
	if (value != NULL)
		answer_upgrade(peer, value);
	else
		load_request(peer, path + 1, bytes + head, body);
	return (ssize_t)(head + body);
}

/* ---- WebSocket ---- */

static ssize_t
take_frame(struct peer *peer, char *bytes, size_t length)
{
	const unsigned char *b = (const unsigned char *)bytes, *mask;
	size_t head = 2, size;
	char *payload;

	if (length < 2)
		return 0;
	if ((b[0] & 0x80) == 0 || (b[1] & 0x80) == 0)
		return -1;
	size = b[1] & 0x7f;
	if (size == 127)
		return -1;
	if (size == 126) {
		if (length < 4)
			return 0;
		size = (size_t)b[2] << 8 | b[3];
		head = 4;
	}
	if (length < head + 4 + size)
		return 0;
	mask = b + head;
	payload = bytes + head + 4;
	for (size_t i = 0; i < size; i++)
		payload[i] = (char)((unsigned char)payload[i] ^ mask[i & 3]);
	load_frame(peer, b[0] & 0x0f, payload, size);
	return (ssize_t)(head + 4 + size);
}

void
peer_say(struct peer *peer, int opcode, const char *bytes, size_t length)
{
	unsigned char head[4] = { (unsigned char)(0x80 | opcode) };
	size_t size = 2;

	if (length < 126) {
		head[1] = (unsigned char)length;
	} else {
		head[1] = 126;
		head[2] = (unsigned char)(length >> 8);
		head[3] = (unsigned char)length;
		size = 4;
	}
	text_add_bytes(&peer->out, head, size);
	text_add_bytes(&peer->out, bytes, length);
}

/* ---- reading ---- */

static bool
take_all(struct peer *peer)
{
	size_t from = 0;
	ssize_t used = 0;

	while (from < peer->in.length) {
		char *bytes = peer->in.data + from;
		size_t length = peer->in.length - from;

		used = peer->is_link ? take_frame(peer, bytes, length) : take_request(peer, bytes, length);
		if (used <= 0)
			break;
		from += (size_t)used;
	}
	if (from == peer->in.length)
		text_reset(&peer->in);
	else if (from > 0)
		text_drop(&peer->in, from);
	return used >= 0;
}

bool
peer_read(struct peer *peer)
{
	static char bytes[READ_SIZE];
	ssize_t length;

	do {
		length = get_bytes(peer, bytes, sizeof(bytes));
		if (length < 0)
			return false;
		text_add_bytes(&peer->in, bytes, (size_t)length);
		if (!take_all(peer))
			return false;
	} while (length > 0 && peer->ssl != NULL && SSL_pending(peer->ssl) > 0);
	return true;
}
