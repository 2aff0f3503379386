/*
 * Writing YAML: a JSON value in block style.
 */
#ifndef MANIFEST_YAML_WRITER_H
#define MANIFEST_YAML_WRITER_H

#include <jansson.h>

/* The caller frees. */
char *ds_yaml_write(json_t *value);

#endif
