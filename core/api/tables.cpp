#include "core/api/tables.h"

#include <map>

#include "core/api/columns/columns.h"

namespace orrery::api {

namespace {
using Columns = std::vector<Column>;

const Columns& defaultColumns() {
    static const Columns kDefault = {columns::name(), columns::createdAt()};
    return kDefault;
}

const Columns& columnsOf(const KindDef& kind) {
    return kind.columns.empty() ? columnsFor(kind.group, kind.version, kind.kind) : kind.columns;
}

std::int64_t seconds(Time now) {
    return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
}

// A cell that a JSONPath names (custom resources): null when there is nothing.
Json pathCell(const Column& column, const Json& object, std::int64_t now) {
    Json value = columns::jsonPathValue(object, column.jsonPath);
    if (value.is_null())
        return value;
    if (column.type == "date")
        return Json(columns::sinceText(asString(value), now, "<invalid>"));
    if (column.type == "string")
        return value.is_string() ? value : Json(serializeJson(value));
    if (column.type == "integer" && value.is_double())
        return Json(static_cast<std::int64_t>(value.get_double()));
    const bool number = value.is_number(), boolean = value.is_bool();
    const bool fits = column.type == "boolean" ? boolean : number;
    return fits ? value : Json();
}

JsonArray cellsOf(const KindDef& kind, const Json& object, std::int64_t now) {
    JsonArray cells;
    for (const Column& column : columnsOf(kind))
        cells.push_back(column.cell ? column.cell(object, now) : pathCell(column, object, now));
    // Upstream's rows of this kind carry one cell more than its columns name.
    if (kind.kind == "IPAddress" && kind.columns.empty())
        cells.push_back(columns::age().cell(object, now));
    return cells;
}

Json definitions(const KindDef& kind) {
    JsonArray list;
    for (const Column& column : columnsOf(kind)) {
        JsonObject definition;
        definition["name"] = column.name;
        definition["type"] = column.type;
        definition["format"] = column.format;
        definition["description"] = column.description;
        definition["priority"] = column.priority;
        list.push_back(std::move(definition));
    }
    return list;
}

// What a finished pod's row says, so that clients can filter it.
Json rowConditions(const KindDef& kind, const Json& object) {
    if (kind.kind != "Pod" || !kind.group.empty())
        return Json();
    const std::string_view phase = stringAt(object, "status.phase");
    if (phase != "Succeeded" && phase != "Failed")
        return Json();
    JsonObject condition;
    condition["type"] = "Completed";
    condition["status"] = "True";
    condition["reason"] = phase;
    condition["message"] =
        phase == "Succeeded" ? "The pod has completed successfully." : "The pod failed.";
    JsonArray conditions;
    conditions.push_back(std::move(condition));
    return conditions;
}

Json rowOf(const KindDef& kind, const Json& object, const TableOptions& options, Time now) {
    JsonObject row;
    row["cells"] = cellsOf(kind, object, seconds(now));
    if (Json conditions = rowConditions(kind, object); conditions.is_array())
        row["conditions"] = std::move(conditions);
    switch (options.include) {
    case IncludeObject::None:
        row["object"] = nullptr;
        break;
    case IncludeObject::Metadata:
        row["object"] = partialMetadata(object, options.version);
        break;
    case IncludeObject::Object:
        row["object"] = object;
        break;
    }
    return row;
}

JsonObject emptyTable(const KindDef& kind, const TableOptions& options, std::string_view version) {
    JsonObject table;
    table["kind"] = "Table";
    table["apiVersion"] = "meta.k8s.io/" + options.version;
    JsonObject metadata;
    if (!version.empty())
        metadata["resourceVersion"] = version;
    if (!options.continue_.empty())
        metadata["continue"] = options.continue_;
    if (options.remainingItemCount)
        metadata["remainingItemCount"] = *options.remainingItemCount;
    table["metadata"] = std::move(metadata);
    table["columnDefinitions"] = options.columns ? definitions(kind) : Json();
    table["rows"] = JsonArray();
    return table;
}
} // namespace

const std::vector<Column>& columnsFor(std::string_view group, std::string_view,
                                      std::string_view kind) {
    // All versions of a kind print alike.
    static const auto kTable = [] {
        std::map<std::string, std::map<std::string, Columns, std::less<>>, std::less<>> byGroup;
        columns::KindTable rows;
        columns::addPods(rows);
        columns::addCore(rows);
        columns::addNetwork(rows);
        columns::addStorage(rows);
        columns::addWorkloads(rows);
        columns::addPolicy(rows);
        for (columns::KindColumns& row : rows)
            byGroup[row.group][row.kind] = std::move(row.columns);
        return byGroup;
    }();
    const auto kinds = kTable.find(group);
    if (kinds == kTable.end())
        return defaultColumns();
    const auto at = kinds->second.find(kind);
    return at == kinds->second.end() ? defaultColumns() : at->second;
}

Json partialMetadata(const Json& object, std::string_view version) {
    JsonObject partial;
    partial["kind"] = "PartialObjectMetadata";
    partial["apiVersion"] = "meta.k8s.io/" + std::string(version);
    const Json* metadata = find(object, "metadata");
    partial["metadata"] = metadata ? *metadata : Json(JsonObject());
    return partial;
}

Json tableRow(const KindDef& kind, const Json& object, IncludeObject include, Time now) {
    TableOptions options;
    options.include = include;
    return rowOf(kind, object, options, now);
}

Json tableFor(const KindDef& kind, std::span<const EncodedPtr> objects, const TableOptions& options,
              Time now) {
    JsonObject table = emptyTable(kind, options, options.resourceVersion);
    JsonArray& rows = table["rows"].get_array();
    rows.reserve(objects.size());
    for (const EncodedPtr& object : objects)
        rows.push_back(rowOf(kind, object->tree(), options, now));
    return table;
}

Json tableOf(const KindDef& kind, const Json& object, const TableOptions& options, Time now) {
    const std::string_view version = options.resourceVersion.empty()
                                         ? stringAt(object, "metadata.resourceVersion")
                                         : std::string_view(options.resourceVersion);
    JsonObject table = emptyTable(kind, options, version);
    table["rows"].get_array().push_back(rowOf(kind, object, options, now));
    return table;
}

} // namespace orrery::api
