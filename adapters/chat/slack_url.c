/* slack_url.c - one parser (libcurl's, which also makes the requests) and one rule. */

#include "slack_url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static char *
take_part(CURLU *parsed, CURLUPart part)
{
	char *value = NULL, *copy = NULL;

	if (curl_url_get(parsed, part, &value, 0) == CURLUE_OK && value != NULL)
		copy = xstrdup(value);
	curl_free(value);
	return copy;
}

static bool
has_part(CURLU *parsed, CURLUPart part)
{
	_cleanup_(freep) char *value = take_part(parsed, part);

	return value != NULL;
}

/* What some parser may read otherwise than libcurl: blanks, backslashes, a third slash. */
static bool
unambiguous(const char *url)
{
	if (strstr(url, ":///") != NULL)
		return false;
	for (; *url != '\0'; url++)
		if (*url <= ' ' || *url >= 0x7f || *url == '\\')
			return false;
	return true;
}

static bool
fill(struct slack_url *url, CURLU *parsed)
{
	_cleanup_(freep) char *scheme = take_part(parsed, CURLUPART_SCHEME);
	_cleanup_(freep) char *port = take_part(parsed, CURLUPART_PORT);
	_cleanup_(freep) char *path = take_part(parsed, CURLUPART_PATH);
	_cleanup_(freep) char *query = take_part(parsed, CURLUPART_QUERY);
	int64_t number;

	url->secure = string_equal(scheme, "https") || string_equal(scheme, "wss");
	if (!url->secure && !string_equal(scheme, "http") && !string_equal(scheme, "ws"))
		return false;
	number = url->secure ? 443 : 80;
	if (port != NULL && !string_number(port, 1, 65535, &number))
		return false;
	url->port = (int)number;
	url->host = take_part(parsed, CURLUPART_HOST);
	url->path = xasprintf("%s%s%s", path != NULL ? path : "/", query != NULL ? "?" : "",
	    query != NULL ? query : "");
	return url->host != NULL && *url->host != '\0' && strlen(url->host) < 128;
}

bool
slack_url_read(struct slack_url *url, const char *written, struct error *err)
{
	CURLU *parsed = curl_url();
	bool good;

	*url = (struct slack_url){ 0 };
	good = written != NULL && strlen(written) < KILOBYTES(4) && unambiguous(written) &&
	    curl_url_set(parsed, CURLUPART_URL, written, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
	    !has_part(parsed, CURLUPART_USER) && !has_part(parsed, CURLUPART_PASSWORD) &&
	    fill(url, parsed);
	curl_url_cleanup(parsed);
	if (good)
		return true;
	slack_url_clear(url);
	return wrong(err, "this is not an address that can be used");
}

void
slack_url_clear(struct slack_url *url)
{
	free(url->host);
	free(url->path);
	*url = (struct slack_url){ 0 };
}

static bool
is_under(const char *host, const char *domain)
{
	size_t length = strlen(host), tail = strlen(domain);

	if (string_equal_nocase(host, domain))
		return true;
	return length > tail + 1 && host[length - tail - 1] == '.' &&
	    string_equal_nocase(host + length - tail, domain);
}

bool
slack_url_allowed(const char *written, const char *api_url, const char *domain, struct error *err)
{
	_cleanup_(slack_url_clear) struct slack_url url = { 0 }, api = { 0 };

	if (!slack_url_read(&url, written, err))
		return false;
	if (url.secure && is_under(url.host, domain))
		return true;
	if (slack_url_read(&api, api_url, NULL) && string_equal_nocase(url.host, api.host) &&
	    (url.secure || !api.secure))
		return true;
	return refuse(err, "the host %s is not under %s", url.host, domain);
}
