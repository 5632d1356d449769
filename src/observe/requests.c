/* Counts of HTTP requests: see requests.h.
 *
 * One thread writes and any may read, so each number is atomic and no lock is needed; a
 * reader may see the count of a request before its time, which the next scrape mends.
 * A bucket counts only its own span here and is summed up when written, so counting is
 * one addition. */
#include <stdatomic.h>

#include "observe/requests.h"

#include "base/str.h"
#include "observe/metrics.h"

enum { CLASSES = 6 /* of status: 1 … 5, 0 for what is none */ };

/* Upper bounds in microseconds, for reading within a millisecond up to a long poll. */
static const int64_t bounds_us[] = { 500,     1000,     2500,     5000,    10000,   25000,
	                             50000,   100000,   250000,   500000,  1000000, 2500000,
	                             5000000, 10000000, 30000000, 60000000 };
enum { BUCKETS = ARRAY_LEN(bounds_us) + 1 };

struct route {
	_Atomic int64_t requests[REQUEST_METHODS][CLASSES];
	_Atomic int64_t buckets[BUCKETS];
	_Atomic int64_t sum_us;
};

static struct route routes[REQUEST_ROUTES_MAX + 1];
static const char *const *route_templates;
static size_t route_count;

static const char *const method_texts[REQUEST_METHODS] = {
	[REQUEST_GET] = "GET",         [REQUEST_HEAD] = "HEAD",   [REQUEST_POST] = "POST",
	[REQUEST_PUT] = "PUT",         [REQUEST_PATCH] = "PATCH", [REQUEST_DELETE] = "DELETE",
	[REQUEST_OPTIONS] = "OPTIONS", [REQUEST_OTHER] = "other",
};
static const char *const class_texts[CLASSES] = { "other", "1xx", "2xx", "3xx", "4xx", "5xx" };

void requests_setup(const char *const *templates, size_t n)
{
	assert(n <= REQUEST_ROUTES_MAX);
	route_templates = templates;
	route_count = n;
}

static int64_t get(const _Atomic int64_t *v)
{
	return atomic_load_explicit(v, memory_order_relaxed);
}

/* The only writer: no read-modify-write is needed. */
static void add(_Atomic int64_t *v, int64_t n)
{
	atomic_store_explicit(v, get(v) + n, memory_order_relaxed);
}

static size_t bucket_of(int64_t micros)
{
	size_t i = 0;
	while (i < ARRAY_LEN(bounds_us) && micros > bounds_us[i])
		i++;
	return i;
}

void requests_count(size_t route, enum request_method method, int status, int64_t micros)
{
	assert(route <= route_count && method < REQUEST_METHODS);
	int class = status / 100;
	struct route *r = &routes[route];
	add(&r->requests[method][class >= 1 && class < CLASSES ? class : 0], 1);
	add(&r->buckets[bucket_of(micros)], 1);
	add(&r->sum_us, int64_max(micros, 0));
}

int64_t requests_total(void)
{
	int64_t all = 0;
	for (size_t i = 0; i <= route_count; i++)
		for (size_t b = 0; b < BUCKETS; b++)
			all += get(&routes[i].buckets[b]);
	return all;
}

static const char *route_name(size_t route)
{
	return route < route_count ? route_templates[route] : "none";
}

static void route_requests(struct buf *out, size_t route)
{
	for (size_t m = 0; m < REQUEST_METHODS; m++)
		for (size_t c = 0; c < CLASSES; c++) {
			int64_t n = get(&routes[route].requests[m][c]);
			if (n)
				buf_addf(out,
				         "takt_http_requests_total{method=\"%s\",route=\"%s\","
				         "status=\"%s\"} %lld\n",
				         method_texts[m], route_name(route), class_texts[c],
				         (long long)n);
		}
}

static void route_seconds(struct buf *out, size_t route)
{
	const char *name = route_name(route);
	int64_t sum = get(&routes[route].sum_us), buckets[BUCKETS], all = 0;
	for (size_t i = 0; i < BUCKETS; i++)
		all += buckets[i] = get(&routes[route].buckets[i]);
	if (all == 0)
		return;
	int64_t so_far = 0;
	for (size_t i = 0; i < ARRAY_LEN(bounds_us); i++) {
		so_far += buckets[i];
		buf_addf(out, "takt_http_request_seconds_bucket{route=\"%s\",le=\"%g\"} %lld\n",
		         name, (double)bounds_us[i] / 1e6, (long long)so_far);
	}
	buf_addf(out, "takt_http_request_seconds_bucket{route=\"%s\",le=\"+Inf\"} %lld\n", name,
	         (long long)all);
	buf_addf(out, "takt_http_request_seconds_sum{route=\"%s\"} %lld.%06lld\n", name,
	         (long long)(sum / 1000000), (long long)(sum % 1000000));
	buf_addf(out, "takt_http_request_seconds_count{route=\"%s\"} %lld\n", name, (long long)all);
}

void requests_text(struct buf *out)
{
	metrics_head(out, "takt_http_requests_total", "Requests answered", METRIC_COUNTER);
	for (size_t i = 0; i <= route_count; i++)
		route_requests(out, i);
	metrics_head(out, "takt_http_request_seconds",
	             "Time from the first byte of a request to the last of its answer",
	             METRIC_HISTOGRAM);
	for (size_t i = 0; i <= route_count; i++)
		route_seconds(out, i);
}
