/*
 * The reference of the keys for docs/services-yaml.md, made from the tables.
 */
#ifndef DEVSTACK_MANIFEST_DOCS_H
#define DEVSTACK_MANIFEST_DOCS_H

/* Markdown; the caller frees. */
char *ds_manifest_reference(void);

#endif
