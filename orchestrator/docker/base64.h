/* Base 64 (RFC 4648): decoding the standard alphabet, encoding the one for URLs, both padded. */
#ifndef DEVSTACK_DOCKER_BASE64_H
#define DEVSTACK_DOCKER_BASE64_H

#include <stddef.h>

/* The caller frees, and wipes when it is secret. */
char *base64url_encode(const void *data, size_t length);
/* NUL-terminated; NULL when `text` is not base 64. The caller frees. */
char *base64_decode(const char *text, size_t *ret_length);

#endif
