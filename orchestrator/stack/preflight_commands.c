/*
 * Commands and folders: is the program there that a service will run?
 *
 * A shell line is only looked at as far as it is certain: its first word, when that is a plain
 * word. `npx X` and `npm run` are looked into, since a missing `npm ci` is what a new checkout most
 * often lacks.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "preflight_checks.h"

/* Words that /bin/sh itself runs (POSIX.1-2017, 2.9.1, 2.14, and reserved words, 2.4). Keep sorted.
 */
static const char *const shell_words[] = {
    "!",       "(",     ".",       ":",        "[",     "alias",    "bg",     "break",
    "case",    "cd",    "command", "continue", "echo",  "eval",     "exec",   "exit",
    "export",  "false", "fc",      "fg",       "for",   "getopts",  "hash",   "if",
    "jobs",    "kill",  "printf",  "pwd",      "read",  "readonly", "return", "set",
    "shift",   "test",  "times",   "trap",     "true",  "type",     "ulimit", "umask",
    "unalias", "unset", "until",   "wait",     "while", "{",
};

static bool is_shell_word(const char *word)
{
    for (size_t i = 0; i < DS_COUNT(shell_words); i++)
        if (strcmp(shell_words[i], word) == 0)
            return true;
    return false;
}

static bool is_assignment(const char *word)
{
    size_t name = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    return name > 0 && word[name] == '=';
}

/* The plain words a shell line starts with, up to the first one that the shell would do something
 * to. */
static void leading_words(const char *line, struct ds_strings *ret_words)
{
    while (ret_words->count < 8) {
        line += strspn(line, " \t\n");
        size_t length = strcspn(line, " \t\n");
        if (length == 0)
            return;
        ds_auto_free char *word = ds_strndup(line, length);
        line += length;
        if (ret_words->count == 0 && is_assignment(word) && !strpbrk(word, "$`'\"\\")) {
            if (ds_string_starts(word, "PATH="))
                return; /* where the program is looked for then is the shell's to say */
            continue;
        }
        if (strpbrk(word, "$`'\"\\;&|<>(){}*?[#~") && !is_shell_word(word))
            return;
        ds_strings_add(ret_words, word);
    }
}

static void command_words(const struct ds_service_spec *spec, struct ds_strings *ret_words)
{
    if (spec->command.shell) {
        ds_auto_free char *line = ds_template_source(spec->command.items[0]);
        leading_words(line, ret_words);
        return;
    }
    for (size_t i = 0; i < spec->command.count; i++) {
        const char *word = ds_template_literal(spec->command.items[i]);
        if (!word || strchr(word, '$'))
            return;
        ds_strings_add(ret_words, word);
    }
}

/* node's way: node_modules/.bin of the folder or of one above it. */
static bool find_node_program(const char *folder, const char *program)
{
    ds_auto_free char *at = ds_strdup(folder);
    for (;;) {
        ds_auto_free char *path = ds_printf("%s/node_modules/.bin/%s", at, program);
        if (access(path, X_OK) == 0)
            return true;
        char *parent = ds_path_folder(at);
        bool top = strcmp(parent, at) == 0 || strcmp(parent, ".") == 0;
        free(at);
        at = parent;
        if (top)
            return false;
    }
}

static char *shown_folder(const struct ds_preflight *preflight, const char *folder)
{
    size_t length = strlen(preflight->manifest->folder);
    if (strncmp(folder, preflight->manifest->folder, length) == 0 && folder[length] == '/')
        return ds_strdup(folder + length + 1);
    return strcmp(folder, preflight->manifest->folder) == 0 ? ds_strdup(".") : ds_strdup(folder);
}

static char *npm_fix(const struct ds_preflight *preflight, const struct ds_service_spec *spec)
{
    ds_auto_free char *folder = shown_folder(preflight, spec->working_dir);
    ds_auto_free char *lock = ds_path_join(spec->working_dir, "package-lock.json");
    return ds_printf("%s   (in %s)", ds_file_exists(lock) ? "npm ci" : "npm install", folder);
}

static void check_npx(const struct ds_preflight *preflight, const struct ds_service_spec *spec,
                      const struct ds_strings *words, struct ds_problems *problems)
{
    const char *program = words->count > 1 ? words->items[1] : NULL;
    if (!program || program[0] == '-' || strchr(program, '/') || strchr(program, '@') ||
        find_node_program(spec->working_dir, program))
        return;
    ds_auto_free char *place = preflight_place(&spec->where);
    ds_auto_free char *fix = npm_fix(preflight, spec);
    ds_problems_add(problems, DS_ERROR_MISSING, program, fix,
                    "Not in node_modules/.bin, needed by %s's `npx %s` (%s).", spec->name, program,
                    place);
}

static void check_npm(const struct ds_preflight *preflight, const struct ds_service_spec *spec,
                      struct ds_problems *problems)
{
    ds_auto_free char *package = ds_path_join(spec->working_dir, "package.json");
    ds_auto_free char *modules = ds_path_join(spec->working_dir, "node_modules");
    ds_auto_free char *place = preflight_place(&spec->where);
    ds_auto_free char *text = NULL;
    if (!ds_file_read(package, 1 << 20, &text, NULL, NULL)) {
        ds_problems_add(problems, DS_ERROR_MISSING, "package.json", NULL,
                        "Not in %s, needed by %s's npm command (%s).", spec->working_dir,
                        spec->name, place);
        return;
    }
    if (ds_folder_exists(modules) || !strstr(text, "ependencies\""))
        return;
    ds_auto_free char *fix = npm_fix(preflight, spec);
    ds_auto_free char *folder = shown_folder(preflight, spec->working_dir);
    ds_problems_add(problems, DS_ERROR_MISSING, "npm packages", fix,
                    "No node_modules in %s, needed by %s (%s).", folder, spec->name, place);
}

static char *service_path(const struct ds_preflight *preflight, const struct ds_service_spec *spec)
{
    for (size_t i = 0; i < spec->environment.count; i++)
        if (strcmp(spec->environment.items[i].name, "PATH") == 0)
            return ds_strdup(ds_template_literal(spec->environment.items[i].value));
    const char *path = ds_variables_get(preflight->shell, "PATH");
    return ds_strdup(path ? path : "/usr/local/bin:/usr/bin:/bin");
}

void preflight_check_command(const struct ds_preflight *preflight,
                             const struct ds_service_spec *spec, struct ds_problems *problems)
{
    if (spec->kind != DS_KIND_PROCESS && spec->kind != DS_KIND_TASK)
        return;
    ds_auto_strings struct ds_strings words = {0};
    command_words(spec, &words);
    if (words.count == 0 || (spec->command.shell && is_shell_word(words.items[0])))
        return;
    const char *program = words.items[0];
    ds_auto_free char *path = service_path(preflight, spec);
    ds_auto_free char *found = path ? ds_find_executable(program, path, spec->working_dir) : NULL;
    if (path && !found) {
        ds_auto_free char *place = preflight_place(&spec->where);
        bool is_path = strchr(program, '/') != NULL;
        ds_auto_free char *fix =
            is_path ? ds_printf("chmod +x it, or correct the path in %s", place)
                    : ds_printf("install it, or set PATH in %s's environment", spec->name);
        ds_problems_add(problems, DS_ERROR_MISSING, program, fix, "%s, needed by %s (%s).",
                        is_path ? "No executable file of that path" : "Not on PATH", spec->name,
                        place);
        return;
    }
    if (strcmp(program, "npx") == 0)
        check_npx(preflight, spec, &words, problems);
    else if (strcmp(program, "npm") == 0)
        check_npm(preflight, spec, problems);
}

static void check_bind_mounts(const struct ds_service_spec *spec, struct ds_problems *problems)
{
    for (size_t i = 0; i < spec->container.mount_count; i++) {
        const struct ds_mount *mount = &spec->container.mounts[i];
        if (mount->type != DS_MOUNT_BIND || access(mount->source, F_OK) == 0)
            continue;
        ds_auto_free char *place = preflight_place(&spec->where);
        ds_problems_add(problems, DS_ERROR_MISSING, ds_path_name(mount->source), NULL,
                        "%s is not there, mounted into %s (%s).", mount->source, spec->name, place);
    }
}

void preflight_check_folders(const struct ds_preflight *preflight,
                             const struct ds_service_spec *spec, struct ds_problems *problems)
{
    (void)preflight;
    check_bind_mounts(spec, problems);
    if (spec->kind != DS_KIND_PROCESS && spec->kind != DS_KIND_TASK)
        return;
    if (!spec->working_dir || ds_folder_exists(spec->working_dir))
        return;
    ds_auto_free char *place = preflight_place(&spec->where);
    ds_auto_free char *fix = ds_printf("mkdir -p %s, or correct working_dir", spec->working_dir);
    ds_problems_add(problems, DS_ERROR_MISSING, ds_path_name(spec->working_dir), fix,
                    "The working folder %s of %s is not there (%s).", spec->working_dir, spec->name,
                    place);
}
