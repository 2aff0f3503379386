/* Why a registry does not give an image. */
#include "registry_fault.h"

#include <stddef.h>
#include <string.h>

static bool says_one_of(const char *words, const char *const *phrases)
{
    for (; *phrases; phrases++)
        if (strcasestr(words, *phrases))
            return true;
    return false;
}

/* The engine passes on what the registry or the network said; only the words tell which. */
bool registry_fault(const char *registry, const char *words, const struct ds_error *credentials,
                    struct ds_error *err)
{
    static const char *const wants_login[] = {"unauthorized",
                                              "no basic auth credentials",
                                              "access denied",
                                              "authentication required",
                                              "denied:",
                                              "403 forbidden",
                                              NULL};
    static const char *const unreachable[] = {"dial tcp",          "no such host",
                                              "i/o timeout",       "connection refused",
                                              "deadline exceeded", "network is unreachable",
                                              "Client.Timeout",    "proxyconnect",
                                              "TLS handshake",     NULL};
    static const char *const unknown[] = {"manifest unknown", "not found", "no matching manifest",
                                          "invalid reference", NULL};
    bool hub = strcmp(registry, "docker.io") == 0;
    if (says_one_of(words, unreachable)) {
        ds_error_set(err, DS_ERROR_MISSING, "the registry %s cannot be reached: %s", registry,
                     words);
        return ds_error_hint(err, "check the network and the proxy settings of the Docker Engine");
    }
    if (says_one_of(words, wants_login)) {
        const char *why = credentials->message;
        ds_error_set(err, DS_ERROR_MISSING, "%s%s%s%s", words, why ? " (" : "", why ? why : "",
                     why ? ")" : "");
        return ds_error_hint(err, "docker login%s%s", hub ? "" : " ", hub ? "" : registry);
    }
    ds_error_set(err, DS_ERROR_MISSING, "%s", words);
    if (says_one_of(words, unknown))
        ds_error_hint(err, "check the image's name and tag");
    else if (strstr(words, "no space left on device"))
        ds_error_hint(err, "docker system df shows what takes the space");
    return false;
}
