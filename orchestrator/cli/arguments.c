/*
 * Reading the command line. Any flag may stand before or after the verb, so flags are read from the
 * whole table first and held against the verb's own list at the end.
 */
#include "verb.h"

#include <string.h>

#include "devstack/base/memory.h"

struct reader {
    int argc;
    char **argv;
    int next;
    struct arguments *arguments;
};

void arguments_finish(struct arguments *arguments)
{
    ds_strings_finish(&arguments->words);
}

static bool unknown_flag(const char *name, struct ds_error *err)
{
    const char *names[FLAG_COUNT];
    for (size_t i = 0; i < flag_count; i++)
        names[i] = flags[i].name;
    const char *nearest = ds_nearest(name, names, flag_count);
    ds_error_set(err, DS_ERROR_USAGE, "there is no flag %s", name);
    if (nearest)
        ds_error_hint(err, "did you mean %s?", nearest);
    return false;
}

static bool unknown_verb(const char *name, struct ds_error *err)
{
    const char **names = ds_alloc(verb_count * sizeof(*names));
    size_t count = 0;
    for (size_t i = 0; i < verb_count; i++)
        if (!verbs[i].hidden)
            names[count++] = verbs[i].name;
    const char *nearest = ds_nearest(name, names, count);
    free(names);
    ds_error_set(err, DS_ERROR_USAGE, "there is no verb \"%s\"", name);
    if (nearest)
        ds_error_hint(err, "did you mean %s?", nearest);
    else
        ds_error_hint(err, "devstack help lists them");
    return false;
}

/* `value` is what came with the flag (--flag=value, -fvalue), or NULL. */
static bool set_flag(struct reader *reader, const struct flag *flag, const char *value,
                     struct ds_error *err)
{
    struct arguments *arguments = reader->arguments;
    if (!flag->value && value)
        return ds_error_set(err, DS_ERROR_USAGE, "%s takes no value", flag->name);
    if (flag->value && !value) {
        if (reader->next >= reader->argc)
            return ds_error_set(err, DS_ERROR_USAGE, "%s needs a value: %s", flag->name,
                                flag->value);
        value = reader->argv[reader->next++];
    }
    arguments->given[flag->id] = true;
    arguments->values[flag->id] = value;
    return true;
}

static bool read_long(struct reader *reader, const char *word, struct ds_error *err)
{
    const char *equals = strchr(word, '=');
    ds_auto_free char *name = equals ? ds_strndup(word, (size_t)(equals - word)) : ds_strdup(word);
    for (size_t i = 0; i < flag_count; i++)
        if (strcmp(flags[i].name, name) == 0)
            return set_flag(reader, &flags[i], equals ? equals + 1 : NULL, err);
    return unknown_flag(name, err);
}

static const struct flag *find_letter(char letter)
{
    for (size_t i = 0; i < flag_count; i++)
        if (flags[i].letter == letter)
            return &flags[i];
    return NULL;
}

static bool read_letters(struct reader *reader, const char *word, struct ds_error *err)
{
    for (const char *letter = word + 1; *letter; letter++) {
        const struct flag *flag = find_letter(*letter);
        if (!flag)
            return ds_error_set(err, DS_ERROR_USAGE, "there is no flag -%c", *letter);
        if (flag->value)
            return set_flag(reader, flag, letter[1] ? letter + 1 : NULL, err);
        if (!set_flag(reader, flag, NULL, err))
            return false;
    }
    return true;
}

static bool read_word(struct reader *reader, const char *word, struct ds_error *err)
{
    struct arguments *arguments = reader->arguments;
    if (arguments->verb) {
        ds_strings_add(&arguments->words, word);
        return true;
    }
    arguments->verb = verb_find(word);
    return arguments->verb || unknown_verb(word, err);
}

static bool check_fit(const struct arguments *arguments, struct ds_error *err)
{
    const struct verb *verb = arguments->verb;
    if (!verb || arguments->given[FLAG_HELP])
        return true;
    for (size_t i = 0; i < flag_count; i++)
        if (arguments->given[flags[i].id] && !verb_takes(verb, flags[i].id)) {
            ds_error_set(err, DS_ERROR_USAGE, "%s takes no %s", verb->name, flags[i].name);
            return ds_error_hint(err, "devstack help %s", verb->name);
        }
    if (arguments->words.count < verb->least || arguments->words.count > verb->most) {
        ds_error_set(err, DS_ERROR_USAGE, "%s for %s",
                     arguments->words.count < verb->least ? "too few arguments"
                                                          : "too many arguments",
                     verb->name);
        return ds_error_hint(err, "usage: devstack %s %s", verb->name, verb->usage);
    }
    return true;
}

bool arguments_parse(int argc, char **argv, struct arguments *ret_arguments, struct ds_error *err)
{
    struct reader reader = {.argc = argc, .argv = argv, .next = 1, .arguments = ret_arguments};
    *ret_arguments = (struct arguments){0};
    bool good = true, only_words = false;
    while (good && reader.next < argc) {
        const char *word = argv[reader.next++];
        if (only_words || word[0] != '-' || !word[1])
            good = read_word(&reader, word, err);
        else if (strcmp(word, "--") == 0)
            only_words = true;
        else if (word[1] == '-')
            good = read_long(&reader, word, err);
        else
            good = read_letters(&reader, word, err);
    }
    good = good && check_fit(ret_arguments, err);
    if (!good)
        arguments_finish(ret_arguments);
    return good;
}
