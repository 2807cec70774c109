#include "core/api/validation/formats.h"

#include <algorithm>

namespace orrery::api {

namespace {
bool lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool digit(char c) {
    return c >= '0' && c <= '9';
}
bool alnum(char c) {
    return lower(c) || digit(c) || (c >= 'A' && c <= 'Z');
}
bool lowerAlnum(char c) {
    return lower(c) || digit(c);
}

template <typename Test> bool all(std::string_view value, Test test) {
    return std::all_of(value.begin(), value.end(), test);
}

bool isLabel1123(std::string_view value) {
    return !value.empty() && lowerAlnum(value.front()) && lowerAlnum(value.back()) &&
           all(value, [](char c) { return lowerAlnum(c) || c == '-'; });
}

bool isSubdomain1123(std::string_view value) {
    while (true) {
        const std::size_t dot = value.find('.');
        if (!isLabel1123(value.substr(0, dot)))
            return false;
        if (dot == std::string_view::npos)
            return true;
        value.remove_prefix(dot + 1);
    }
}

bool isNamePart(std::string_view value) {
    return !value.empty() && alnum(value.front()) && alnum(value.back()) &&
           all(value, [](char c) { return alnum(c) || c == '-' || c == '_' || c == '.'; });
}

constexpr std::string_view kLabel1123 = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
constexpr std::string_view kSubdomain1123 =
    "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";

// "<what> (e.g. 'a',  or 'b', regex used for validation is '<pattern>')"
std::string patternSentence(std::string_view what, std::string_view pattern,
                            std::initializer_list<std::string_view> examples) {
    std::string text(what);
    text += " (";
    if (examples.size() > 0)
        text += "e.g. ";
    bool first = true;
    for (std::string_view example : examples) {
        if (!first)
            text += " or ";
        first = false;
        text += "'" + std::string(example) + "', ";
    }
    return text + "regex used for validation is '" + std::string(pattern) + "')";
}
} // namespace

std::string maxLengthSentence(std::size_t max, std::string_view unit) {
    return "must be no more than " + std::to_string(max) + " " + std::string(unit);
}

std::string rangeSentence(std::int64_t from, std::int64_t to) {
    return "must be between " + std::to_string(from) + " and " + std::to_string(to) + ", inclusive";
}

Sentences checkDns1123Label(std::string_view value) {
    Sentences wrong;
    if (value.size() > 63)
        wrong.push_back(maxLengthSentence(63, "characters"));
    if (isLabel1123(value))
        return wrong;
    if (isSubdomain1123(value))
        wrong.push_back("must not contain dots");
    else
        wrong.push_back(patternSentence(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
            "and must start and end with an alphanumeric character",
            kLabel1123, {"my-name", "123-abc"}));
    return wrong;
}

Sentences checkDns1123Subdomain(std::string_view value) {
    Sentences wrong;
    if (value.size() > 253)
        wrong.push_back(maxLengthSentence(253, "characters"));
    if (!isSubdomain1123(value))
        wrong.push_back(
            patternSentence("a lowercase RFC 1123 subdomain must consist of lower case "
                            "alphanumeric characters, '-' "
                            "or '.', and must start and end with an alphanumeric character",
                            kSubdomain1123, {"example.com"}));
    return wrong;
}

Sentences checkDns1035Label(std::string_view value) {
    Sentences wrong;
    if (value.size() > 63)
        wrong.push_back(maxLengthSentence(63, "characters"));
    if (!isLabel1123(value) || !lower(value.front()))
        wrong.push_back(
            patternSentence("a DNS-1035 label must consist of lower case alphanumeric characters "
                            "or '-', start with "
                            "an alphabetic character, and end with an alphanumeric character",
                            "[a-z]([-a-z0-9]*[a-z0-9])?", {"my-name", "abc-123"}));
    return wrong;
}

Sentences checkWildcardSubdomain(std::string_view value) {
    Sentences wrong;
    if (value.size() > 253)
        wrong.push_back(maxLengthSentence(253, "characters"));
    if (value.substr(0, 2) != "*." || !isSubdomain1123(value.substr(2)))
        wrong.push_back(patternSentence(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS "
            "subdomain, "
            "which must consist of lower case alphanumeric characters, '-' or '.' and end with an "
            "alphanumeric character",
            "\\*\\." + std::string(kSubdomain1123), {"*.example.com"}));
    return wrong;
}

Sentences checkQualifiedName(std::string_view value) {
    constexpr std::string_view kWhat =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        "alphanumeric character";
    constexpr std::string_view kPattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    Sentences wrong;
    std::string_view name = value;
    const std::size_t slash = value.find('/');
    if (slash != std::string_view::npos) {
        const std::string_view prefix = value.substr(0, slash);
        name = value.substr(slash + 1);
        if (name.find('/') != std::string_view::npos) {
            wrong.push_back(
                "a valid label key " +
                patternSentence(kWhat, kPattern, {"MyName", "my.name", "123-abc"}) +
                " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
            return wrong;
        }
        if (prefix.empty())
            wrong.push_back("prefix part must be non-empty");
        else
            for (std::string& sentence : checkDns1123Subdomain(prefix))
                wrong.push_back("prefix part " + std::move(sentence));
    }
    if (name.empty())
        wrong.push_back("name part must be non-empty");
    else if (name.size() > 63)
        wrong.push_back("name part " + maxLengthSentence(63));
    if (!isNamePart(name))
        wrong.push_back("name part " +
                        patternSentence(kWhat, kPattern, {"MyName", "my.name", "123-abc"}));
    return wrong;
}

Sentences checkLabelValue(std::string_view value) {
    Sentences wrong;
    if (value.size() > 63)
        wrong.push_back(maxLengthSentence(63));
    if (!value.empty() && !isNamePart(value))
        wrong.push_back(patternSentence(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' "
            "or "
            "'.', and must start and end with an alphanumeric character",
            "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?", {"MyValue", "my_value", "12345"}));
    return wrong;
}

Sentences checkConfigMapKey(std::string_view value) {
    Sentences wrong;
    if (value.size() > 253)
        wrong.push_back(maxLengthSentence(253));
    if (value.empty() ||
        !all(value, [](char c) { return alnum(c) || c == '-' || c == '_' || c == '.'; }))
        wrong.push_back(patternSentence(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            "[-._a-zA-Z0-9]+", {"key.name", "KEY_NAME", "key-name"}));
    if (value == ".")
        wrong.push_back("must not be '.'");
    else if (value == "..")
        wrong.push_back("must not be '..'");
    else if (value.substr(0, 2) == "..")
        wrong.push_back("must not start with '..'");
    return wrong;
}

Sentences checkEnvVarName(std::string_view value) {
    if (!value.empty() && all(value, [](char c) { return c >= ' ' && c <= '~' && c != '='; }))
        return {};
    return {
        "a valid environment variable name must consist only of printable ASCII characters other "
        "than '='"};
}

Sentences checkPortName(std::string_view value) {
    Sentences wrong;
    if (value.size() > 15)
        wrong.push_back(maxLengthSentence(15, "characters"));
    if (!all(value, [](char c) { return lowerAlnum(c) || c == '-'; }) || value.empty())
        wrong.push_back("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    if (std::none_of(value.begin(), value.end(), lower))
        wrong.push_back("must contain at least one letter (a-z)");
    if (value.find("--") != std::string_view::npos)
        wrong.push_back("must not contain consecutive hyphens");
    if (!value.empty() && (value.front() == '-' || value.back() == '-'))
        wrong.push_back("must not begin or end with a hyphen");
    return wrong;
}

Sentences checkPortNumber(std::int64_t value) {
    if (value >= 1 && value <= 65535)
        return {};
    return {rangeSentence(1, 65535)};
}

Sentences checkPathSegmentName(std::string_view value) {
    if (value == ".")
        return {"may not be '.'"};
    if (value == "..")
        return {"may not be '..'"};
    Sentences wrong;
    if (value.find('/') != std::string_view::npos)
        wrong.push_back("may not contain '/'");
    if (value.find('%') != std::string_view::npos)
        wrong.push_back("may not contain '%'");
    return wrong;
}

Sentences checkPercent(std::string_view value) {
    if (value.size() > 1 && value.back() == '%' && all(value.substr(0, value.size() - 1), digit))
        return {};
    return {
        patternSentence("a valid percent string must be a numeric string followed by an ending '%'",
                        "[0-9]+%", {"1%", "93%"})};
}

Sentences checkDomainPrefixedPath(std::string_view value) {
    const std::size_t slash = value.find('/');
    if (value.empty())
        return {"must not be empty"};
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == value.size())
        return {"must be a domain-prefixed path (such as \"acme.io/foo\")"};
    Sentences wrong;
    for (std::string& sentence : checkDns1123Subdomain(value.substr(0, slash)))
        wrong.push_back(std::move(sentence));
    return wrong;
}

namespace {
std::string joined(const Sentences& sentences) {
    std::string text;
    for (const std::string& sentence : sentences)
        text += (text.empty() ? "" : ",") + sentence;
    return text;
}

Sentences checkSegments(std::string_view value, long segmentsMin, std::string_view sentence) {
    if (const Sentences wrong = checkDns1123Subdomain(value); !wrong.empty())
        return {joined(wrong)};
    if (std::count(value.begin(), value.end(), '.') + 1 < segmentsMin)
        return {std::string(sentence)};
    return {};
}
} // namespace

Sentences checkFullyQualifiedName(std::string_view value) {
    return checkSegments(value, 3,
                         "should be a domain with at least three segments separated by dots");
}

Sentences checkFullyQualifiedDomain(std::string_view value) {
    if (!value.empty() && value.back() == '.')
        value.remove_suffix(1);
    Sentences wrong =
        checkSegments(value, 2, "should be a domain with at least two segments separated by dots");
    while (wrong.empty() && !value.empty()) {
        const std::size_t dot = std::min(value.find('.'), value.size());
        if (const Sentences label = checkDns1123Label(value.substr(0, dot)); !label.empty())
            wrong.push_back(joined(label));
        value.remove_prefix(std::min(dot + 1, value.size()));
    }
    return wrong;
}

Sentences checkCIdentifier(std::string_view value) {
    const auto letter = [](char c) { return alnum(c) || c == '_'; };
    if (!value.empty() && !digit(value.front()) && all(value, letter))
        return {};
    return {patternSentence("a valid C identifier must start with alphabetic character or '_', "
                            "followed by a string of alphanumeric characters or '_'",
                            "[A-Za-z_][A-Za-z0-9_]*", {"my_name", "MY_NAME", "MyName"})};
}

Sentences checkConditionReason(std::string_view value) {
    const auto inner = [](char c) { return alnum(c) || c == '_' || c == ',' || c == ':'; };
    const auto letter = [](char c) { return alnum(c) && !digit(c); };
    if (!value.empty() && letter(value.front()) && all(value, inner) && value.back() != ',' &&
        value.back() != ':')
        return {};
    return {patternSentence(
        "a condition reason must start with alphabetic character, optionally followed by a string "
        "of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
        "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?",
        {"my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB"})};
}

std::string_view trimmed(std::string_view value) {
    constexpr std::string_view kSpaces = " \t\n\v\f\r";
    const std::size_t first = value.find_first_not_of(kSpaces);
    if (first == std::string_view::npos)
        return {};
    return value.substr(first, value.find_last_not_of(kSpaces) - first + 1);
}

} // namespace orrery::api
