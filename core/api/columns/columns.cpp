#include "core/api/columns/columns.h"

#include <algorithm>

#include "core/api/selectors.h"
#include "core/base/time.h"

namespace orrery::api::columns {

Column name() {
    Column column;
    column.name = "Name";
    column.format = "name";
    column.jsonPath = ".metadata.name";
    column.cell = [](const Json& object, std::int64_t) {
        return Json(stringAt(object, "metadata.name"));
    };
    return column;
}

Column age() {
    return computed("Age", "string", [](const Json& object, std::int64_t now) {
        return Json(sinceText(stringAt(object, "metadata.creationTimestamp"), now, "<unknown>"));
    });
}

Column createdAt() {
    return computed("Created At", "date", [](const Json& object, std::int64_t) {
        return Json(stringAt(object, "metadata.creationTimestamp"));
    });
}

Column text(std::string title, std::string_view path, std::string_view otherwise, int priority) {
    return computed(
        std::move(title), "string",
        [path = std::string(path), otherwise = std::string(otherwise)](const Json& object,
                                                                       std::int64_t) {
            const std::string_view value = stringAt(object, path);
            return Json(value.empty() ? std::string_view(otherwise) : value);
        },
        priority);
}

Column integer(std::string title, std::string_view path, std::string_view type) {
    return computed(std::move(title), type,
                    [path = std::string(path)](const Json& object, std::int64_t) {
                        return Json(intAt(object, path));
                    });
}

Column boolean(std::string title, std::string_view path, bool otherwise) {
    return computed(std::move(title), "boolean",
                    [path = std::string(path), otherwise](const Json& object, std::int64_t) {
                        return Json(boolAt(object, path, otherwise));
                    });
}

Column computed(std::string title, std::string_view type, Cell cell, int priority) {
    Column column;
    column.name = std::move(title);
    column.type = type;
    column.priority = priority;
    column.cell = std::move(cell);
    return column;
}

std::string sinceText(std::string_view time, std::int64_t nowSeconds, std::string_view otherwise) {
    if (time.empty())
        return std::string(otherwise);
    const Result<Time> parsed = parseTime(time);
    if (!parsed)
        return std::string(otherwise);
    return humanDuration(Time(std::chrono::seconds(nowSeconds)) - *parsed);
}

std::string joinText(const JsonArray& items, std::string_view member, std::string_view between) {
    std::string text;
    bool first = true;
    for (const Json& item : items) {
        if (!first)
            text += between;
        first = false;
        text += member.empty() ? asString(item) : stringAt(item, member);
    }
    return text;
}

std::string orNone(std::string text, std::string_view none) {
    return text.empty() ? std::string(none) : std::move(text);
}

std::string firstThree(const std::vector<std::string>& items, std::string_view none) {
    constexpr std::size_t kShown = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(items.size(), kShown); ++i)
        text += (i ? "," : "") + items[i];
    if (items.size() > kShown)
        text += " + " + std::to_string(items.size() - kShown) + " more...";
    return orNone(std::move(text), none);
}

std::string selectorText(const Json* selector) {
    if (!selector || !selector->is_object())
        return "<none>";
    const Result<LabelFilter> filter = LabelFilter::fromObject(*selector);
    if (!filter)
        return "<error>";
    return orNone(filter->text());
}

std::string labelsText(const Json* labels) {
    const JsonObject* object = labels ? labels->if_object() : nullptr;
    if (!object)
        return "<none>";
    std::vector<std::string> terms;
    for (const auto& [key, value] : *object)
        terms.push_back(std::string(key) + "=" + std::string(asString(value)));
    std::sort(terms.begin(), terms.end());
    std::string out;
    for (const std::string& term : terms)
        out += (out.empty() ? "" : ",") + term;
    return orNone(std::move(out));
}

void addTemplateColumns(std::vector<Column>& columns, std::string templateSpec,
                        std::string selectorPath) {
    const std::string containers = templateSpec + ".containers";
    columns.push_back(computed(
        "Containers", "string",
        [containers](const Json& object, std::int64_t) {
            return Json(joinText(arrayAt(object, containers), "name"));
        },
        kWide));
    columns.push_back(computed(
        "Images", "string",
        [containers](const Json& object, std::int64_t) {
            return Json(joinText(arrayAt(object, containers), "image"));
        },
        kWide));
    if (!selectorPath.empty())
        columns.push_back(computed(
            "Selector", "string",
            [selectorPath](const Json& object, std::int64_t) {
                return Json(selectorText(findPath(object, selectorPath)));
            },
            kWide));
}

namespace {
// A quoted or bare word at the start of `text`, up to one of `ends`; what was read is taken off.
std::string takeWord(std::string_view& text, std::string_view ends) {
    if (!text.empty() && (text.front() == '\'' || text.front() == '"')) {
        const std::size_t end = text.find(text.front(), 1);
        const std::string word(text.substr(1, end == std::string_view::npos ? end : end - 1));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        return word;
    }
    std::string word;
    while (!text.empty() && ends.find(text.front()) == std::string_view::npos) {
        if (text.front() == '\\' && text.size() > 1)
            text.remove_prefix(1);
        word += text.front();
        text.remove_prefix(1);
    }
    return word;
}

std::string scalarText(const Json& value) {
    return value.is_string() ? std::string(asString(value)) : serializeJson(value);
}

// The inside of [...] applied to every value so far.
std::vector<const Json*> selectBracket(const std::vector<const Json*>& from,
                                       std::string_view inside) {
    std::vector<const Json*> to;
    for (const Json* value : from) {
        const JsonArray* array = value->if_array();
        if (inside == "*" && array) {
            for (const Json& item : *array)
                to.push_back(&item);
        } else if (inside.substr(0, 4) == "?(@." && array) {
            std::string_view rest = inside.substr(4);
            const std::string member = takeWord(rest, "=!<> )");
            while (!rest.empty() &&
                   std::string_view("= ").find(rest.front()) != std::string_view::npos)
                rest.remove_prefix(1);
            const std::string wanted = takeWord(rest, ")");
            for (const Json& item : *array)
                if (const Json* have = findPath(item, member); have && scalarText(*have) == wanted)
                    to.push_back(&item);
        } else if (array) {
            std::int64_t index = std::strtoll(std::string(inside).c_str(), nullptr, 10);
            if (index < 0)
                index += static_cast<std::int64_t>(array->size());
            if (index >= 0 && index < static_cast<std::int64_t>(array->size()))
                to.push_back(&(*array)[static_cast<std::size_t>(index)]);
        } else {
            std::string_view word = inside;
            if (const Json* member = find(*value, takeWord(word, "]")))
                to.push_back(member);
        }
    }
    return to;
}
} // namespace

Json jsonPathValue(const Json& object, std::string_view path) {
    std::vector<const Json*> values{&object};
    while (!path.empty() && !values.empty()) {
        if (path.front() == '[') {
            const std::size_t end = path.find(']');
            if (end == std::string_view::npos)
                return Json();
            values = selectBracket(values, path.substr(1, end - 1));
            path.remove_prefix(end + 1);
            continue;
        }
        if (path.front() == '.')
            path.remove_prefix(1);
        const std::string key = takeWord(path, ".[");
        if (key.empty())
            continue;
        std::vector<const Json*> next;
        for (const Json* value : values)
            if (const Json* member = find(*value, key))
                next.push_back(member);
        values = std::move(next);
    }
    return values.empty() ? Json() : *values.front();
}

} // namespace orrery::api::columns
