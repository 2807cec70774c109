// The words that the column tables of the built-in kinds are written with.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/kind.h"
#include "core/base/json.h"

namespace orrery::api::columns {

struct KindColumns {
    std::string group, kind;
    std::vector<Column> columns;
};
using KindTable = std::vector<KindColumns>;
using Cell = std::function<Json(const Json& object, std::int64_t nowSeconds)>;

constexpr int kWide = 1; // priority of what only `-o wide` shows

Column name();
Column age();       // since metadata.creationTimestamp
Column createdAt(); // of kinds without columns of their own
Column text(std::string title, std::string_view path, std::string_view otherwise = "",
            int priority = 0);
Column integer(std::string title, std::string_view path, std::string_view type = "integer");
Column boolean(std::string title, std::string_view path, bool otherwise = false);
Column computed(std::string title, std::string_view type, Cell cell, int priority = 0);

// "3m12s" since an RFC 3339 time; `otherwise` when there is none.
std::string sinceText(std::string_view time, std::int64_t nowSeconds, std::string_view otherwise);
// The strings of a list, or of a member of its objects, joined.
std::string joinText(const JsonArray& items, std::string_view member,
                     std::string_view between = ",");
std::string orNone(std::string text, std::string_view none = "<none>");
// "a,b,c + 2 more..." of at most three.
std::string firstThree(const std::vector<std::string>& items, std::string_view none);
std::string selectorText(const Json* selector); // of a LabelSelector
std::string labelsText(const Json* labels);     // of a plain map
// Containers, Images (and Selector, when `selectorPath` is not empty) below a pod template's spec.
void addTemplateColumns(std::vector<Column>& columns, std::string templateSpec,
                        std::string selectorPath);

void addCore(KindTable& table);
void addNetwork(KindTable& table);
void addStorage(KindTable& table);
void addWorkloads(KindTable& table);
void addPolicy(KindTable& table);
void addPods(KindTable& table);
// CustomResourceDefinition's JSONPath subset on an object; null when nothing is there.
Json jsonPathValue(const Json& object, std::string_view path);

} // namespace orrery::api::columns
