#include "core/api/selectors.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/api/validation/formats.h"

namespace orrery::api {

namespace {
using Op = LabelFilter::Op;
using Requirement = LabelFilter::Requirement;

std::string quoted(std::string_view text) {
    return "'" + std::string(text) + "'";
}

std::string joined(const Sentences& sentences, std::string_view between) {
    std::string text;
    for (const std::string& sentence : sentences)
        text += (text.empty() ? "" : std::string(between)) + sentence;
    return text;
}

enum class Token : std::uint8_t {
    End,
    Identifier,
    Comma,
    Open,
    Close,
    Not,
    Equals,
    NotEquals,
    Greater,
    Less
};

struct Lexeme {
    Token token = Token::End;
    std::string_view text;
};

// The label selector language. Words such as `in` are identifiers here; the grammar tells them
// apart.
class Lexer {
  public:
    explicit Lexer(std::string_view text) : rest_(text) { advance(); }
    const Lexeme& peek() const { return next_; }
    Lexeme take() {
        const Lexeme taken = next_;
        advance();
        return taken;
    }

  private:
    static bool space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
    static bool special(char c) {
        return std::string_view("=!(),><").find(c) != std::string_view::npos;
    }

    void advance() {
        while (!rest_.empty() && space(rest_.front()))
            rest_.remove_prefix(1);
        std::size_t length = 0;
        if (rest_.empty()) {
            next_ = {};
            return;
        }
        if (special(rest_.front())) {
            next_.token = symbol(length);
        } else {
            next_.token = Token::Identifier;
            while (length < rest_.size() && !space(rest_[length]) && !special(rest_[length]))
                ++length;
        }
        next_.text = rest_.substr(0, length);
        rest_.remove_prefix(length);
    }

    Token symbol(std::size_t& length) const {
        length = 2;
        if (rest_.substr(0, 2) == "==")
            return Token::Equals;
        if (rest_.substr(0, 2) == "!=")
            return Token::NotEquals;
        length = 1;
        switch (rest_.front()) {
        case '=':
            return Token::Equals;
        case '!':
            return Token::Not;
        case '(':
            return Token::Open;
        case ')':
            return Token::Close;
        case '>':
            return Token::Greater;
        case '<':
            return Token::Less;
        default:
            return Token::Comma;
        }
    }

    std::string_view rest_;
    Lexeme next_;
};

Error expected(std::string_view found, std::string_view what, bool comma = true) {
    return badRequest("found " + quoted(found) + (comma ? ", expected: " : " expected: ") +
                      std::string(what));
}

Result<std::vector<std::string>> parseList(Lexer& lexer) {
    std::vector<std::string> values;
    while (true) {
        const Lexeme lexeme = lexer.take();
        if (lexeme.token == Token::Identifier) {
            values.emplace_back(lexeme.text);
            if (lexer.peek().token == Token::Close)
                return values;
            if (lexer.peek().token != Token::Comma)
                return expected(lexer.peek().text, "',' or ')'");
        } else if (lexeme.token == Token::Comma) {
            if (values.empty())
                values.emplace_back();
            if (lexer.peek().token == Token::Close) {
                values.emplace_back();
                return values;
            }
            if (lexer.peek().token == Token::Comma) {
                lexer.take();
                values.emplace_back();
            }
        } else {
            return expected(lexeme.text, "',', or identifier");
        }
    }
}

Result<std::vector<std::string>> parseValues(Lexer& lexer) {
    const Lexeme open = lexer.take();
    if (open.token != Token::Open)
        return expected(open.text, "'('", false);
    if (lexer.peek().token == Token::Close) {
        lexer.take();
        return std::vector<std::string>{""};
    }
    if (lexer.peek().token != Token::Identifier && lexer.peek().token != Token::Comma)
        return expected(lexer.peek().text, "',', ')' or identifier");
    ORRERY_TRY_ASSIGN(std::vector<std::string> values, parseList(lexer));
    const Lexeme close = lexer.take();
    if (close.token != Token::Close)
        return expected(close.text, "')'");
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

std::optional<Op> operatorOf(const Lexeme& lexeme) {
    switch (lexeme.token) {
    case Token::Equals:
        return Op::Equals;
    case Token::NotEquals:
        return Op::NotEquals;
    case Token::Greater:
        return Op::GreaterThan;
    case Token::Less:
        return Op::LessThan;
    case Token::Identifier:
        if (lexeme.text == "in")
            return Op::In;
        if (lexeme.text == "notin")
            return Op::NotIn;
        return std::nullopt;
    default:
        return std::nullopt;
    }
}

std::optional<std::int64_t> wholeNumber(std::string_view text) {
    std::int64_t value = 0;
    if (!text.empty() && text.front() == '+')
        text.remove_prefix(1);
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    return read.ec == std::errc() && read.ptr == end ? std::optional(value) : std::nullopt;
}

std::string goString(std::string_view text) {
    return serializeJson(Json(text));
}

Result<void> checkKey(std::string_view key) {
    if (const Sentences wrong = checkQualifiedName(key); !wrong.empty())
        return badRequest("<nil>: Invalid value: " + goString(key) + ": " + joined(wrong, "; "));
    return {};
}

Result<void> checkValues(const Requirement& requirement) {
    Sentences errors;
    const bool number = requirement.op == Op::GreaterThan || requirement.op == Op::LessThan;
    for (std::size_t i = 0; i < requirement.values.size(); ++i) {
        const std::string& value = requirement.values[i];
        const std::string at = "values[" + std::to_string(i) + "]";
        if (number && !wholeNumber(value))
            errors.push_back(at + ": Invalid value: " + goString(value) +
                             ": for 'Gt', 'Lt' operators, the value must be an integer");
        if (const Sentences wrong = checkLabelValue(value); !wrong.empty())
            errors.push_back(at + "[" + requirement.key + "]: Invalid value: " + goString(value) +
                             ": " + joined(wrong, "; "));
    }
    if (errors.empty())
        return {};
    return badRequest(errors.size() == 1 ? errors[0] : "[" + joined(errors, ", ") + "]");
}

Result<Requirement> parseRequirement(Lexer& lexer) {
    Requirement requirement;
    Lexeme key = lexer.take();
    const bool negated = key.token == Token::Not;
    if (negated)
        key = lexer.take();
    if (key.token != Token::Identifier)
        return expected(key.text, "identifier");
    ORRERY_TRY(checkKey(key.text));
    requirement.key = key.text;
    if (negated) {
        requirement.op = Op::NotExists;
        return requirement;
    }
    if (lexer.peek().token == Token::End || lexer.peek().token == Token::Comma)
        return requirement;
    const Lexeme word = lexer.take();
    const std::optional<Op> op = operatorOf(word);
    if (!op)
        return expected(word.text, "in, notin, =, ==, !=, gt, lt");
    requirement.op = *op;
    if (*op == Op::In || *op == Op::NotIn) {
        ORRERY_TRY_ASSIGN(requirement.values, parseValues(lexer));
    } else if (lexer.peek().token == Token::End || lexer.peek().token == Token::Comma) {
        requirement.values.emplace_back();
    } else {
        const Lexeme value = lexer.take();
        if (value.token != Token::Identifier)
            return expected(value.text, "identifier");
        requirement.values.emplace_back(value.text);
    }
    ORRERY_TRY(checkValues(requirement));
    return requirement;
}

bool contains(const std::vector<std::string>& values, std::string_view value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

bool matchesOne(const Requirement& requirement, const JsonObject& labels) {
    const Json* label = labels.if_contains(requirement.key);
    switch (requirement.op) {
    case Op::Exists:
        return label != nullptr;
    case Op::NotExists:
        return label == nullptr;
    case Op::Equals:
    case Op::In:
        return label && contains(requirement.values, asString(*label));
    case Op::NotEquals:
    case Op::NotIn:
        return !label || !contains(requirement.values, asString(*label));
    default:
        break;
    }
    const auto have = label ? wholeNumber(asString(*label)) : std::nullopt;
    const auto want = wholeNumber(requirement.values[0]);
    if (!have || !want)
        return false;
    return requirement.op == Op::GreaterThan ? *have > *want : *have < *want;
}

void sortByKey(std::vector<Requirement>& requirements) {
    std::stable_sort(requirements.begin(), requirements.end(),
                     [](const Requirement& a, const Requirement& b) { return a.key < b.key; });
}
} // namespace

Result<LabelFilter> LabelFilter::parse(std::string_view text) {
    LabelFilter filter;
    Lexer lexer(text);
    while (true) {
        const Token token = lexer.peek().token;
        if (token == Token::End)
            break;
        if (token != Token::Identifier && token != Token::Not)
            return expected(lexer.peek().text, "!, identifier, or 'end of string'");
        Result<Requirement> requirement = parseRequirement(lexer);
        if (!requirement)
            return badRequest("unable to parse requirement: " + requirement.error().message);
        filter.requirements_.push_back(std::move(*requirement));
        const Lexeme after = lexer.take();
        if (after.token == Token::End)
            break;
        if (after.token != Token::Comma)
            return expected(after.text, "',' or 'end of string'");
        if (lexer.peek().token != Token::Identifier && lexer.peek().token != Token::Not)
            return expected(lexer.peek().text, "identifier after ','");
    }
    sortByKey(filter.requirements_);
    return filter;
}

Result<LabelFilter> LabelFilter::fromObject(const Json& selector) {
    LabelFilter filter;
    if (!selector.is_object()) {
        filter.nothing_ = true;
        return filter;
    }
    for (const auto& [key, value] : objectAt(selector, "matchLabels"))
        filter.requirements_.push_back(
            {std::string(key), Op::Equals, {std::string(asString(value))}});
    for (const Json& expression : arrayAt(selector, "matchExpressions")) {
        static constexpr std::array<std::pair<std::string_view, Op>, 4> kOps = {
            {{"In", Op::In},
             {"NotIn", Op::NotIn},
             {"Exists", Op::Exists},
             {"DoesNotExist", Op::NotExists}}};
        const std::string_view name = stringAt(expression, "operator");
        const auto op = std::find_if(kOps.begin(), kOps.end(),
                                     [&](const auto& row) { return row.first == name; });
        if (op == kOps.end())
            return badRequest(goString(name) + " is not a valid label selector operator");
        Requirement requirement{std::string(stringAt(expression, "key")), op->second, {}};
        for (const Json& value : arrayAt(expression, "values"))
            requirement.values.emplace_back(asString(value));
        std::sort(requirement.values.begin(), requirement.values.end());
        ORRERY_TRY(checkKey(requirement.key));
        ORRERY_TRY(checkValues(requirement));
        filter.requirements_.push_back(std::move(requirement));
    }
    sortByKey(filter.requirements_);
    return filter;
}

bool LabelFilter::matchesLabels(const JsonObject& labels) const {
    return !nothing_ &&
           std::all_of(requirements_.begin(), requirements_.end(),
                       [&](const Requirement& one) { return matchesOne(one, labels); });
}

bool LabelFilter::matches(const Json& object) const {
    if (everything())
        return true;
    return matchesLabels(objectAt(object, "metadata.labels"));
}

std::string LabelFilter::text() const {
    std::string text;
    for (const Requirement& one : requirements_) {
        if (!text.empty())
            text += ',';
        if (one.op == Op::NotExists)
            text += '!';
        text += one.key;
        const std::string first = one.values.empty() ? "" : one.values[0];
        switch (one.op) {
        case Op::Equals:
            text += "=" + first;
            break;
        case Op::NotEquals:
            text += "!=" + first;
            break;
        case Op::GreaterThan:
            text += ">" + first;
            break;
        case Op::LessThan:
            text += "<" + first;
            break;
        case Op::In:
            text += " in (" + joined(one.values, ",") + ")";
            break;
        case Op::NotIn:
            text += " notin (" + joined(one.values, ",") + ")";
            break;
        default:
            break;
        }
    }
    return text;
}

} // namespace orrery::api
