/* The adder: the sum of the prices, each order once. */
#include <stdlib.h>

#include "takt_agent.h"

static json_t *total(json_t *input, const char **error)
{
	size_t i, n = json_array_size(input);
	char *seen = calloc(n + 1, 1);
	json_t *price;
	json_int_t cents = 0;
	json_array_foreach(input, i, price)
	{
		json_int_t number = json_integer_value(json_object_get(price, "number"));
		if (number < 1 || number > (json_int_t)n || seen[number]++) {
			*error = "an order is missing, or there twice";
			free(seen);
			return NULL;
		}
		cents += json_integer_value(json_object_get(price, "cents"));
	}
	free(seen);
	return json_pack("{s:I, s:I}", "orders", (json_int_t)n, "cents", cents);
}

int main(void)
{
	return agent_run("orders.total", total);
}
