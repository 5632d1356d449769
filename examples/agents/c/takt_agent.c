/* The protocol of takt in C, with libcurl and jansson: see takt_agent.h.
 *
 * Every word may be said twice: a session and what it holds make a lost lease request
 * harmless, token and attempt all others.  So whatever fails is asked again.
 */
#include <curl/curl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "takt_agent.h"

enum { WAIT_MS = 1000, TIMEOUT_S = 15, ANSWER_MAX = 64 << 20 };
enum { GRACE = 10 }; /* how often a result is told to nobody once the agent is to end */

static volatile sig_atomic_t is_ending;

struct answer {
	char *bytes;
	size_t len;
};

static void on_term(int signal)
{
	(void)signal;
	is_ending = 1;
}

static size_t keep(char *bytes, size_t size, size_t n, void *to)
{
	struct answer *a = to;
	char *grown = size * n + a->len < ANSWER_MAX ? realloc(a->bytes, a->len + size * n) : NULL;
	if (!grown)
		return 0; /* which ends the transfer */
	a->bytes = grown;
	memcpy(a->bytes + a->len, bytes, size * n);
	a->len += size * n;
	return size * n;
}

/* The status, 0 without a server; *ret is the answer or NULL. */
static long ask_once(CURL *curl, const char *path, const char *body, json_t **ret)
{
	const char *url = getenv("TAKT_SERVER") ? getenv("TAKT_SERVER") : "http://127.0.0.1:8420";
	char whole[512];
	struct answer answer = { 0 };
	long status = 0;
	snprintf(whole, sizeof whole, "%s%s", url, path);
	curl_easy_setopt(curl, CURLOPT_URL, whole);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	*ret = json_loadb(answer.bytes ? answer.bytes : "", answer.len, JSON_ALLOW_NUL, NULL);
	free(answer.bytes);
	return status;
}

/* Asks until there is an answer; NULL when the word is not wanted (any longer), or nobody heard
 * it in `grace` tries since the end was asked for.  Takes `body` over. */
static json_t *ask(CURL *curl, const char *path, json_t *body, int grace)
{
	struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
	char *text = json_dumps(body, JSON_COMPACT);
	json_t *answer;
	long status;
	while ((status = ask_once(curl, path, text, &answer)) == 0 || status == 429 ||
	       status >= 500) {
		json_decref(answer);
		answer = NULL;
		if (is_ending && grace-- <= 0)
			break;
		nanosleep(&pause, NULL); /* a signal ends it */
		pause = (struct timespec){ .tv_sec = 1 };
	}
	free(text);
	json_decref(body);
	if (status > 0 && status < 300)
		return answer;
	fprintf(stderr, "agent: %s: %ld %s\n", path, status,
	        json_string_value(json_object_get(answer, "detail")));
	json_decref(answer);
	if (status != 404 && status != 409 && !is_ending)
		exit(1);
	return NULL;
}

static void perform(CURL *curl, json_t *task, agent_work *work)
{
	char path[128];
	const char *error = NULL;
	json_t *output = work(json_object_get(task, "input"), &error);
	json_t *word = json_pack("{s:O, s:O}", "token", json_object_get(task, "token"), "attempt",
	                         json_object_get(task, "attempt"));
	if (output)
		json_object_set_new(word, "output", output);
	else /* it will not come right by trying again */
		json_object_update_new(word, json_pack("{s:{s:s, s:s}, s:b}", "error", "code",
		                                       "bad_input", "message", error, "final", 1));
	snprintf(path, sizeof path, "/v1/tasks/%s/%s",
	         json_string_value(json_object_get(task, "id")), output ? "complete" : "fail");
	json_decref(ask(curl, path, word, GRACE));
}

static struct curl_slist *headers(void)
{
	char authorization[256];
	snprintf(authorization, sizeof authorization, "Authorization: Bearer %s",
	         getenv("TAKT_KEY"));
	return curl_slist_append(curl_slist_append(NULL, authorization),
	                         "Content-Type: application/json");
}

int agent_run(const char *kind, agent_work *work)
{
	struct sigaction term = { .sa_handler = on_term };
	const char *lease_ms = getenv("LEASE_MS");
	char name[64], session[64];
	size_t i;
	json_t *task;
	if (!getenv("TAKT_KEY"))
		return fprintf(stderr, "agent: TAKT_KEY is not set\n"), 64;
	sigaction(SIGTERM, &term, NULL);
	snprintf(name, sizeof name, "c-%ld", (long)getpid());
	snprintf(session, sizeof session, "%ld-%lld", (long)getpid(), (long long)time(NULL));
	CURL *curl = curl_easy_init();
	struct curl_slist *list = headers();
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	while (!is_ending) {
		json_t *answer =
		        ask(curl, "/v1/leases",
		            json_pack("{s:s, s:[s], s:s, s:[], s:i, s:i}", "worker", name, "kinds",
		                      kind, "session", session, "holding", "lease_ms",
		                      lease_ms ? atoi(lease_ms) : 30000, "wait_ms", WAIT_MS),
		            0);
		is_ending |= json_is_true(json_object_get(answer, "draining"));
		json_array_foreach(json_object_get(answer, "tasks"), i, task)
		        perform(curl, task, work);
		json_decref(answer);
	}
	curl_slist_free_all(list);
	curl_easy_cleanup(curl);
	return 0;
}
