/*
 * Environments: the chosen one is laid over the tree before anything is read from it, so a fault in
 * what it says points to where it says it.
 */
#ifndef MANIFEST_OVERLAY_H
#define MANIFEST_OVERLAY_H

#include "field.h"

/*
 * Reads `environments:`, sets what the manifest has of the chosen one, adds its settings to
 * `variables` where they are not set, and returns the tree with its services laid over. `root` is a
 * mapping; the result lives in `pool`.
 */
const struct ds_node *ds_overlay_apply(struct ds_reader *reader, struct ds_node_pool *pool,
                                       struct ds_node *root, struct ds_variables *variables);

#endif
