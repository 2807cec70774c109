#include "core/base/names.h"

namespace orrery {

namespace {
bool lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool digit(char c) {
    return c >= '0' && c <= '9';
}
bool alnum(char c) {
    return lower(c) || digit(c);
}
bool anyAlnum(char c) {
    return alnum(c) || (c >= 'A' && c <= 'Z');
}

bool isLabel(std::string_view text) {
    if (text.empty() || !alnum(text.front()) || !alnum(text.back()))
        return false;
    for (char c : text)
        if (!alnum(c) && c != '-')
            return false;
    return true;
}

bool isSubdomain(std::string_view text) {
    while (true) {
        const std::size_t dot = text.find('.');
        if (!isLabel(text.substr(0, dot)))
            return false;
        if (dot == std::string_view::npos)
            return true;
        text.remove_prefix(dot + 1);
    }
}

bool isQualifiedPart(std::string_view text) {
    if (text.empty() || !anyAlnum(text.front()) || !anyAlnum(text.back()))
        return false;
    for (char c : text)
        if (!anyAlnum(c) && c != '-' && c != '_' && c != '.')
            return false;
    return true;
}

std::string tooLong(int max) {
    return "must be no more than " + std::to_string(max) + " characters";
}

constexpr const char* kLabel =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must "
    "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
    "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kSubdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and "
    "must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
    "validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr const char* kDns1035 = "a DNS-1035 label must consist of lower case alphanumeric "
                                 "characters or '-', start with an alphabetic "
                                 "character, and end with an alphanumeric character (e.g. "
                                 "'my-name',  or 'abc-123', regex used for "
                                 "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kQualified =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr const char* kLabelValue =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and "
    "must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
    "'12345', "
    "regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
} // namespace

std::string checkDns1123Label(std::string_view text) {
    if (text.size() > 63)
        return tooLong(63);
    return isLabel(text) ? "" : kLabel;
}

std::string checkDns1123Subdomain(std::string_view text) {
    if (text.size() > 253)
        return tooLong(253);
    return isSubdomain(text) ? "" : kSubdomain;
}

std::string checkDns1035Label(std::string_view text) {
    if (text.size() > 63)
        return tooLong(63);
    return isLabel(text) && lower(text.front()) ? "" : kDns1035;
}

std::string checkQualifiedName(std::string_view text) {
    std::string_view name = text;
    if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
        const std::string_view prefix = text.substr(0, slash);
        name = text.substr(slash + 1);
        if (name.find('/') != std::string_view::npos)
            return std::string(
                       "a valid label key must consist of an optional DNS subdomain prefix and a "
                       "'/' before the name: ") +
                   kQualified;
        if (prefix.empty())
            return "prefix part must be non-empty";
        if (std::string wrong = checkDns1123Subdomain(prefix); !wrong.empty())
            return "prefix part " + wrong;
    }
    if (name.empty())
        return "name part must be non-empty";
    if (name.size() > 63)
        return "name part " + tooLong(63);
    return isQualifiedPart(name) ? "" : std::string("name part ") + kQualified;
}

std::string checkLabelValue(std::string_view text) {
    if (text.size() > 63)
        return tooLong(63);
    return text.empty() || isQualifiedPart(text) ? "" : kLabelValue;
}

} // namespace orrery
