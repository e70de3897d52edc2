#include "runner.h"

#include <string.h>

// As RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
static bool is_utf8(const unsigned char *bytes, size_t length) {
    for (size_t i = 0; i < length;) {
        unsigned char c = bytes[i++];
        if (c < 0x80) continue;
        size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        if (c < 0xc2 || c > 0xf4 || length - i < more) return false;
        unsigned char least = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
        unsigned char most = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
        if (bytes[i] < least || bytes[i] > most) return false;
        for (size_t k = 1; k < more; k++) {
            if ((bytes[i + k] & 0xc0) != 0x80) return false;
        }
        i += more;
    }
    return true;
}

// Why a relative path isn't taken, or NULL. The worker has looked already; this is the side that writes.
const char *path_fault(const char *path, size_t length) {
    if (length == 0) return "empty";
    if (length > MAX_PATH_BYTES) return "too_long";
    // Read as text on the other side, such names would become others, and two of them the same.
    if (!is_utf8((const unsigned char *)path, length)) return "not_utf8";
    size_t depth = 1, segment = 0;
    for (size_t i = 0; i <= length; i++) {
        unsigned char c = i < length ? (unsigned char)path[i] : '/';
        if (c < 0x20 || c == 0x7f) return "control_character";
        if (c == '\\') return "backslash";
        if (c != '/') {
            segment++;
            continue;
        }
        const char *name = path + i - segment;
        if (segment == 0) return "empty_segment"; // absolute, "a//b" and "a/" too
        if (segment == 1 && name[0] == '.') return "dot_segment";
        if (segment == 2 && name[0] == '.' && name[1] == '.') return "dot_segment";
        if (name[0] == '-' || name[0] == '@') return "option"; // as an argument it would be one, or name a file of them
        if (segment > 255) return "too_long";
        segment = 0;
        if (i < length) depth++;
    }
    return depth > MAX_PATH_DEPTH ? "too_deep" : NULL;
}

// Where in a path a pattern leads. '?' and '*' stay within a segment, '**' crosses them, and "**/" stands for no
// directory at all too. One pass over the pattern with the set of places in the path it can have reached: no pattern is
// slow.
//
// begins: whether the path's end is reached by the whole of the pattern, or else by a beginning of it
static bool leads(const char *pattern, const char *path, bool begins) {
    size_t length = strlen(path);
    if (length > MAX_SEEN_PATH) return false;
    bool reached[MAX_SEEN_PATH + 1] = {true};
    while (*pattern != '\0') {
        if (begins && reached[length]) return true;
        bool next[MAX_SEEN_PATH + 1] = {false};
        bool any = pattern[0] == '*' && pattern[1] == '*';
        bool directories = any && pattern[2] == '/';
        bool before = false;
        for (size_t i = 0; i <= length; i++) {
            char last = i > 0 ? path[i - 1] : '\0';
            if (directories) {
                next[i] = reached[i] || (before && last == '/');
                before = before || reached[i];
            } else if (any) {
                next[i] = reached[i] || (i > 0 && next[i - 1]);
            } else if (*pattern == '*') {
                next[i] = reached[i] || (i > 0 && next[i - 1] && last != '/');
            } else {
                next[i] = i > 0 && reached[i - 1] && (*pattern == '?' ? last != '/' : last == *pattern);
            }
        }
        pattern += directories ? 3 : any ? 2 : 1;
        memcpy(reached, next, sizeof reached);
    }
    return reached[length];
}

bool glob_matches(const char *pattern, const char *path) { return leads(pattern, path, false); }

// Whether something in this folder ("a/b/") could match.
bool glob_enters(const char *pattern, const char *folder) { return leads(pattern, folder, true); }
