/* Figures of `takt top`: see top_figures.h and top_view.h (rates). */
#include <stdio.h>

#include "cli/top_figures.h"

#include "cli/top_view.h"
#include "codec/json.h"
#include "codec/rfc3339.h"

double figure_or(const struct json *v, const char *pointer, double other)
{
	const struct json *n = v ? json_pointer(v, str_z(pointer)) : NULL;
	return n && n->type == JSON_NUMBER ? n->number : other;
}

double figure_of(const struct json *v, const char *pointer)
{
	return figure_or(v, pointer, 0);
}

const char *figure_text(double n, char ret[16])
{
	bool is_whole = n >= 9.95 || (n - (double)(int64_t)n < 0.005);
	if (n >= 9.5e11)
		snprintf(ret, 16, "%.1fT", n / 1e12);
	else if (n >= 9.9995e8)
		snprintf(ret, 16, "%.1fG", n / 1e9);
	else if (n >= 9.9995e5)
		snprintf(ret, 16, "%.1fM", n / 1e6);
	else if (n >= 9999.5)
		snprintf(ret, 16, "%.1fk", n / 1e3);
	else if (is_whole)
		snprintf(ret, 16, "%.0f", n);
	else
		snprintf(ret, 16, n < 0.995 ? "%.2f" : "%.1f", n);
	return ret;
}

const char *figure_bytes(double n, char ret[16])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	size_t unit = 0;
	for (; n >= 1023.5 && unit + 1 < ARRAY_LEN(units); unit++)
		n /= 1024;
	snprintf(ret, 16, unit && n < 99.95 ? "%.1f %s" : "%.0f %s", n, units[unit]);
	return ret;
}

const char *figure_age(double ms, char ret[32])
{
	int64_t s = (int64_t)(ms / 1000);
	if (s < 10)
		snprintf(ret, 32, "%.1fs", ms < 0 ? 0 : ms / 1000);
	else if (s < 60)
		snprintf(ret, 32, "%llds", (long long)s);
	else if (s < 3600)
		snprintf(ret, 32, "%lldm%02lld", (long long)(s / 60), (long long)(s % 60));
	else if (s < 86400)
		snprintf(ret, 32, "%lldh%02lld", (long long)(s / 3600), (long long)(s / 60 % 60));
	else
		snprintf(ret, 32, "%lldd%02lldh", (long long)(s / 86400),
		         (long long)(s / 3600 % 24));
	return ret;
}

int64_t figure_since_ms(const struct json *status, const struct json *v, const char *member)
{
	int64_t from, to;
	if (!status || !v || rfc3339_parse(json_get_str(v, member, STR("")), &from) != RC_OK ||
	    rfc3339_parse(json_get_str(status, "now", STR("")), &to) != RC_OK)
		return 0;
	return int64_max(to - from, 0);
}

int64_t figure_age_ms(const struct json *status)
{
	return figure_since_ms(status, status, "started_at");
}

/* Seconds between two answers of one server; 0 when they cannot be compared. */
static double seconds_between(const struct json *now, const struct json *before)
{
	if (!now || !before ||
	    !str_eq(json_get_str(now, "started_at", STR("")),
	            json_get_str(before, "started_at", STR("?"))))
		return 0;
	return (double)figure_since_ms(now, before, "now") / 1000;
}

static double a_second(const struct json *now, const struct json *before, const char *pointer,
                       double seconds)
{
	double grown = figure_of(now, pointer) - figure_of(before, pointer);
	return grown > 0 ? grown / seconds : 0;
}

struct top_rates top_rates(const struct json *now, const struct json *before)
{
	double s = seconds_between(now, before);
	if (s <= 0)
		return (struct top_rates){ 0 };
	return (struct top_rates){
		.is_known = true,
		.submitted = a_second(now, before, "/tasks/submitted", s),
		.succeeded = a_second(now, before, "/tasks/succeeded", s),
		.failed = a_second(now, before, "/tasks/failed", s),
		.retried = a_second(now, before, "/tasks/retried", s),
		.lost = a_second(now, before, "/tasks/leases_lost", s),
		.refused = a_second(now, before, "/engine/refused", s),
		.events = a_second(now, before, "/engine/events", s),
		.requests = a_second(now, before, "/http/requests", s),
		.commits = a_second(now, before, "/engine/commits", s),
		.cpu = a_second(now, before, "/process/cpu_seconds", s),
	};
}

static void put(struct json_out *o, const char *key, double v)
{
	json_key(o, str_z(key));
	json_double(o, (double)(int64_t)(v * 1000 + 0.5) / 1000);
}

void top_rates_put(struct json_out *o, const struct top_rates *r)
{
	put(o, "submitted", r->submitted);
	put(o, "succeeded", r->succeeded);
	put(o, "failed", r->failed);
	put(o, "retried", r->retried);
	put(o, "leases_lost", r->lost);
	put(o, "refused", r->refused);
	put(o, "events", r->events);
	put(o, "requests", r->requests);
	put(o, "commits", r->commits);
	put(o, "cpu", r->cpu);
}

double figure_queue_rate(const struct json *now, const struct json *before, const struct json *q)
{
	double s = seconds_between(now, before);
	struct str name = json_get_str(q, "name", STR(""));
	if (s <= 0 || name.len == 0)
		return -1;
	const struct json *list = json_get(before, STR("queues"));
	json_each(old, list ? list : before) {
		if (str_eq(json_get_str(old, "name", STR("")), name))
			return a_second(q, old, "/ended_today", s);
	}
	return -1;
}
