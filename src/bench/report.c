/* What was measured, for people and for programs. */
#include <math.h>

#include "bench/figures.h"

#include "base/str.h"
#include "codec/json.h"

struct row {
	const char *name, *unit, *help;
	int places;
};
static const struct row rows[] = {
#define X(name, places, unit, help) { #name, unit, help, places },
	FIGURE_TABLE(X)
#undef X
};

void report_table(const struct figures *f, struct buf *out)
{
	buf_addf(out,
	         "Medians of %d rounds of %lld ms, %d keep-alive connections over loopback, closed "
	         "loop,\ninputs of %d bytes; in brackets the least and the most of the rounds.\n\n",
	         f->rounds, (long long)f->round_ms, f->connections, f->input_bytes);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		enum figure which = (enum figure)i;
		char range[64];
		if (!figure_is_measured(f, which))
			continue;
		snprintf(range, sizeof range, "[%.*f, %.*f]", r->places, figure_least(f, which),
		         r->places, figure_most(f, which));
		buf_addf(out, "%-22s %9.*f %-3s  %-18s  %s\n", r->name, r->places,
		         figure_median(f, which), r->unit, range, r->help);
	}
	if (figure_is_measured(f, FIGURE_rss_million_kb))
		buf_addf(out, "\n%lld queued tasks, %lld agents, %lld readers.",
		         (long long)f->tasks, (long long)f->agents, (long long)f->readers);
	buf_addf(out, "\n%lld submits were acknowledged, %lld tasks are there.\n",
	         (long long)f->acknowledged, (long long)f->found);
}

static double rounded(double v, int places)
{
	double unit = pow(10, places);
	return round(v * unit) / unit;
}

void report_json(const struct figures *f, struct buf *out)
{
	struct json_out o;
	json_out_init(&o, out);
	json_begin_object(&o);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!figure_is_measured(f, (enum figure)i))
			continue;
		json_key(&o, str_z(rows[i].name));
		json_double(&o, rounded(figure_median(f, (enum figure)i), rows[i].places));
	}
	json_put_int(&o, "rounds", f->rounds);
	json_put_int(&o, "round_ms", f->round_ms);
	json_put_int(&o, "connections", f->connections);
	json_put_int(&o, "tasks", f->tasks);
	json_put_int(&o, "agents", f->agents);
	json_put_int(&o, "readers", f->readers);
	json_put_int(&o, "acknowledged", f->acknowledged);
	json_put_int(&o, "found", f->found);
	json_end_object(&o);
	buf_addc(out, '\n');
}
