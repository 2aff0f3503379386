/*
 * The reference of the keys for docs/services-yaml.md, made from the tables.
 */
#ifndef MANIFEST_DOCS_H
#define MANIFEST_DOCS_H

/* Markdown; the caller frees. */
char *ds_manifest_reference(void);

#endif
