// What the window asks for: tables, keys, names, loops, files.
#include <algorithm>
#include <chrono>

#include "app/plane/collector.h"
#include "app/plane/rows.h"
#include "core/api/tables.h"

namespace orrery::app {

namespace {
const std::vector<api::Column>& columnsIn(const api::KindDef& kind) {
    return kind.columns.empty() ? api::columnsFor(kind.group, kind.version, kind.kind)
                                : kind.columns;
}

std::string cellText(const Json& cell) {
    return cell.is_string() ? std::string(asString(cell))
           : cell.is_null() ? std::string()
                            : serializeJson(cell);
}
} // namespace

void Collector::act(LoopAction action, const std::string& name) {
    if (!attached())
        return;
    // Pausing may let a loop take itself off the board: work on a copy.
    const std::vector<Loop*> all = cluster_->loops().all();
    for (Loop* loop : all) {
        if (!name.empty() && loop->name() != name)
            continue;
        if (action == LoopAction::Pause)
            loop->pause();
        else if (action == LoopAction::Resume)
            loop->resume();
        else if (loop->paused())
            loop->step();
    }
    loopsDirty_ = loopDetailDirty_ = true;
    touch();
}

void Collector::inspect(InspectRequest request) {
    inspected_ = std::move(request);
    inspectionDirty_ = !inspected_.key.empty();
    touch();
}

void Collector::followLogs(const std::string& key) {
    logs_.reset();
    if (!attached() || key.empty())
        return;
    log_ = {key, true, ""};
    const auto write = [this, key](const std::string& bytes) {
        constexpr std::size_t kWaitingMax = 256 << 10; // while the window is away: the newest
        if (log_.key != key)
            return;
        log_.text += bytes;
        if (log_.text.size() > kWaitingMax)
            log_.text.erase(0, log_.text.size() - kWaitingMax);
        logDirty_ = true;
        touch();
    };
    write("");
    const store::KeyValuePtr found = cluster_->store().get(key);
    const Result<Json> pod =
        found && found->value ? parseJson(found->value->bytes()) : Json(nullptr);
    if (!pod || stringAt(*pod, "spec.nodeName").empty())
        return write("The pod has no node yet: nothing runs that could write.\n");
    fleet::LogOptions options;
    options.nodeName = std::string(stringAt(*pod, "spec.nodeName"));
    options.namespace_ = std::string(stringAt(*pod, "metadata.namespace"));
    options.pod = std::string(stringAt(*pod, "metadata.name"));
    options.container = std::string(stringAt(arrayAt(*pod, "spec.containers").front(), "name"));
    options.follow = true;
    options.tailLines = 500;
    auto follower = cluster_->fleet().podLogs(options, write, [write](const std::string& error) {
        if (!error.empty())
            write(error + "\n");
    });
    if (follower)
        logs_ = std::move(*follower);
    else
        write(follower.error().message + "\n");
}

void Collector::watchLoop(const std::string& name) {
    watchedLoop_ = name;
    loopDetailDirty_ = !name.empty();
    touch();
}

void Collector::openKind(const std::string& id) {
    wantedKind_ = id;
    if (!attached())
        return; // attach() opens it
    openKind_ = nullptr;
    tableRows_.clear();
    for (const auto& [prefix, kind] : kinds_)
        if (kind->groupResource().text() == id)
            openKind_ = kind;
    if (!openKind_)
        return;
    tableReset_ = true;
    if (const Result<store::ListResult> found =
            cluster_->store().list(openKind_->keyPrefix(), {}, kTableRowsMax)) {
        for (const store::KeyValuePtr& item : found->items)
            tableRows_[item->key] = item;
        tableLeft_ = found->remaining;
    }
    touch();
}

std::vector<TableColumn> Collector::columnsOf(const api::KindDef& kind) const {
    std::vector<TableColumn> columns;
    for (const api::Column& column : columnsIn(kind))
        columns.push_back(
            {column.name, column.name == "Age" ? "date" : column.type, column.priority});
    return columns;
}

TableRow Collector::tableRowOf(const api::KindDef& kind, const std::string& key,
                               const Json& object) const {
    TableRow row;
    row.key = key;
    row.namespace_ = std::string(stringAt(object, "metadata.namespace"));
    row.name = std::string(stringAt(object, "metadata.name"));
    const Json made = api::tableRow(kind, object, api::IncludeObject::None, env_->now());
    for (const Json& cell : arrayAt(made, "cells"))
        row.cells.push_back(cellText(cell));
    // An age goes on: the window gets the time itself.
    const std::vector<api::Column>& columns = columnsIn(kind);
    const Result<Time> created = parseTime(stringAt(object, "metadata.creationTimestamp"));
    for (std::size_t i = 0; created && i < columns.size() && i < row.cells.size(); ++i)
        if (columns[i].name == "Age")
            row.cells[i] = std::to_string(
                std::chrono::duration_cast<std::chrono::seconds>(created->time_since_epoch())
                    .count());
    return row;
}

void Collector::fillTable(Batch& batch) {
    if (!openKind_ || (!tableReset_ && tableRows_.empty()))
        return;
    TableChange change;
    change.id = openKind_->groupResource().text();
    change.reset = std::exchange(tableReset_, false);
    change.left = tableLeft_;
    if (change.reset)
        change.columns = columnsOf(*openKind_);
    int left = kRowsPerBatch;
    for (auto entry = tableRows_.begin(); entry != tableRows_.end() && left-- > 0;
         entry = tableRows_.erase(entry)) {
        if (!entry->second) {
            change.gone.push_back(entry->first);
            continue;
        }
        if (const Result<Json> object = parseJson(entry->second->value->bytes()))
            change.upserts.push_back(tableRowOf(*openKind_, entry->first, *object));
    }
    batch.tables.push_back(std::move(change));
}

void Collector::openKeys(const std::string& prefix, bool open) {
    if (open) {
        openPrefixes_.insert(prefix);
        dirtyPrefixes_.insert(prefix);
    } else {
        openPrefixes_.erase(prefix);
        dirtyPrefixes_.erase(prefix);
    }
    touch();
}

void Collector::fillKeys(Batch& batch) {
    for (const std::string& prefix : std::exchange(dirtyPrefixes_, {})) {
        const Result<store::ListResult> found = cluster_->store().list(prefix, {}, kKeysMax);
        if (!found)
            continue;
        KeyListing listing;
        listing.prefix = prefix;
        listing.left = found->remaining;
        for (const store::KeyValuePtr& item : found->items)
            listing.rows.push_back(
                {item->key, item->key.substr(prefix.size()), item->version,
                 item->value ? static_cast<std::int64_t>(item->value->bytes().size()) : 0});
        batch.keys.push_back(std::move(listing));
    }
}

void Collector::find(const std::string& text) {
    if (!attached() || text.empty())
        return;
    constexpr int kLooked = 5000; // of each kind
    auto found = std::make_shared<Found>();
    found->text = text;
    for (const auto& [prefix, kind] : kinds_) {
        if (counts_[prefix] == 0 || kind->kind == "Event" || kind->kind == "Lease")
            continue;
        const Result<store::ListResult> list = cluster_->store().list(prefix, {}, kLooked);
        int ofKind = 0;
        for (std::size_t i = 0; list && i < list->items.size() && ofKind < 12; ++i) {
            const std::string& key = list->items[i]->key;
            const std::size_t slash = key.rfind('/');
            if (key.find(text, slash) == std::string::npos)
                continue;
            ++ofKind;
            const bool namespaced = kind->scope == api::Scope::Namespaced && slash > prefix.size();
            found->rows.push_back(
                {key, kind->kind,
                 namespaced ? key.substr(prefix.size(), slash - prefix.size()) : "",
                 key.substr(slash + 1)});
        }
        if (found->rows.size() >= kFoundMax)
            break;
    }
    next_.found = std::move(found);
    nextDirty_ = true;
    touch();
}

void Collector::apply(std::vector<std::pair<std::string, std::string>> files) {
    if (!attached())
        return;
    std::reverse(files.begin(), files.end());
    const bool running = applied_ != nullptr;
    toApply_.insert(toApply_.begin(), files.begin(), files.end());
    if (running)
        return;
    applied_ = std::make_shared<ApplyResult>();
    applyNext();
}

void Collector::applyNext() {
    if (toApply_.empty())
        return finishApply();
    auto [file, text] = std::move(toApply_.back());
    toApply_.pop_back();
    cluster_->applyManifests(
        file, std::move(text),
        [this, alive = alive_, file = file](Result<std::vector<cluster::Applied>> rows) {
            if (!*alive)
                return;
            static constexpr const char* kWords[] = {"created", "configured", "unchanged",
                                                     "failed"};
            if (!rows)
                applied_->rows.push_back({"failed", file, "", "", "", rows.error().message, 0});
            else
                for (const cluster::Applied& row : *rows)
                    applied_->rows.push_back({kWords[static_cast<int>(row.what)], row.file,
                                              row.kind, row.namespace_, row.name, row.message,
                                              row.line});
            applyNext();
        });
}

void Collector::finishApply() {
    next_.applied = std::exchange(applied_, nullptr);
    nextDirty_ = true;
    touch();
}

} // namespace orrery::app
