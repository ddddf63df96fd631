/*
 * yaml_print.h - a JSON document as block YAML, as manifests are written.
 */
#ifndef CLUSTER_YAML_PRINT_H
#define CLUSTER_YAML_PRINT_H

#include "base/json.h"
#include "base/text.h"

void yaml_print(struct text *, const cJSON *);	/* an object; ends with a line end */

#endif
