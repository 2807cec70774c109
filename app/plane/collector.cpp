#include "app/plane/collector.h"

#include <chrono>

#include "app/plane/rows.h"
#include "core/api/tables.h"

namespace orrery::app {

namespace {
constexpr std::string_view kPods = "/registry/pods/";
constexpr std::string_view kNodes = "/registry/minions/";
constexpr std::string_view kEvents = "/registry/events/";

std::int64_t secondsOf(Time time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string kindId(const api::KindDef& kind) {
    return kind.groupResource().text();
}
} // namespace

Result<void> Collector::attach(Env& env, cluster::Cluster& cluster, ClusterFacts facts) {
    env_ = &env;
    cluster_ = &cluster;
    alive_ = std::make_shared<bool>(true);
    Result<std::unique_ptr<store::Watch>> watch = cluster.store().watch(
        {"/registry/", cluster.store().revision() + 1}, [this](auto events) { onEvents(events); });
    if (!watch) {
        detach();
        return std::move(watch.error());
    }
    watch_ = std::move(*watch);
    cluster.loops().onChanged = [this] {
        loopsChanged_ = true;
        touch();
    };
    loopsChanged_ = loopsDirty_ = true;
    next_.facts = std::make_shared<ClusterFacts>(std::move(facts));
    nextDirty_ = true;
    listKinds();
    cluster.kinds().onChange(alive_, [this] { relistKinds(); });
    readFirst();
    openKind(wantedKind_);
    touch();
    return {};
}

void Collector::detach() {
    if (alive_)
        *alive_ = false;
    if (cluster_)
        cluster_->loops().onChanged = nullptr;
    watch_.reset();
    logs_.reset();
    cluster_ = nullptr;
}

// Custom kinds came, changed or went: the list is sent anew.
void Collector::relistKinds() {
    if (!attached())
        return;
    const bool custom = openKind_ && openKind_->custom;
    const auto former = std::exchange(families_, {}); // until nothing points into them
    kinds_.clear();
    next_.kinds.clear();
    listKinds();
    if (custom)
        openKind(wantedKind_);
    std::erase_if(countsDirty_,
                  [this](const std::string& prefix) { return kinds_.count(prefix) == 0; });
    nextDirty_ = true;
    touch();
}

void Collector::listKinds() {
    for (const api::KindDef* kind : cluster_->kinds().all()) {
        const std::string prefix = kind->keyPrefix();
        if (kinds_.count(prefix) ||
            std::find(kind->verbs.begin(), kind->verbs.end(), "list") == kind->verbs.end())
            continue; // another version of a kind that is there, or one that is never stored
        kinds_[prefix] = kind;
        if (kind->custom)
            families_.push_back(kind->family.lock());
        KindRow row;
        row.id = kindId(*kind);
        row.kind = kind->kind;
        row.apiVersion = kind->apiVersion();
        row.plural = kind->plural;
        row.group = kind->group;
        row.keyPrefix = prefix;
        for (const std::string& name : kind->shortNames)
            row.shortNames += name + " ";
        row.namespaced = kind->scope == api::Scope::Namespaced;
        const auto counted = counts_.find(prefix);
        row.count = counted != counts_.end() ? counted->second
                                             : (counts_[prefix] = cluster_->store().count(prefix));
        next_.kinds.push_back(std::move(row));
    }
}

void Collector::readFirst() {
    for (auto* wanted : {&pods_, &nodes_}) {
        const std::string_view prefix = wanted == &pods_ ? kPods : kNodes;
        if (const Result<store::ListResult> found = cluster_->store().list(prefix))
            for (const store::KeyValuePtr& item : found->items)
                (*wanted)[item->key] = item;
    }
    for (const store::EventPtr& event : cluster_->store().recent(5000)) {
        revisions_.push_back(revisionRow(*event));
        ++skyline_[secondsOf(event->at)];
    }
}

void Collector::onStation(StationEvent event) {
    if (!attached())
        return;
    const std::string key = journeys_.take(event);
    if (key.empty())
        return;
    if (key == inspected_.key)
        inspectionDirty_ = true;
    const std::string pod = key.substr(std::min(key.size(), kPods.size()));
    hops_[pod] = {pod, event.station, std::move(event.note)};
    touch();
}

void Collector::onLoop(LoopEvent event) {
    if (!attached())
        return;
    loopsDirty_ = true;
    loopDetailDirty_ |= event.loop == watchedLoop_;
    touch();
}

void Collector::onEvents(std::span<const store::EventPtr> events) {
    for (const store::EventPtr& event : events)
        onEvent(event);
    loopsDirty_ = true;
    touch();
}

const api::KindDef* Collector::kindOf(const std::string& key) const {
    // "/registry/pods/default/web": the prefix ends at the third slash;
    // "/registry/services/specs/...": at the fourth.
    std::size_t slash = key.find('/', 10);
    for (int depth = 0; depth < 2 && slash != std::string::npos; ++depth) {
        if (const auto kind = kinds_.find(key.substr(0, slash + 1)); kind != kinds_.end())
            return kind->second;
        slash = key.find('/', slash + 1);
    }
    return nullptr;
}

void Collector::onEvent(const store::EventPtr& event) {
    if (!event->current)
        return;
    const std::string& key = event->current->key;
    const bool gone = event->type == store::Event::Type::Delete;
    const store::KeyValuePtr value = gone ? nullptr : event->current;
    if (key.starts_with(kPods))
        pods_[key] = value;
    else if (key.starts_with(kNodes))
        nodes_[key] = value;
    ++skyline_[secondsOf(event->at)];
    revisions_.push_back(revisionRow(*event));
    if (revisions_.size() > 2 * kRevisionsPerBatch) // the window was away: the newest count
        revisions_.erase(revisions_.begin(), revisions_.end() - kRevisionsPerBatch);
    if (const api::KindDef* kind = kindOf(key)) {
        const std::string prefix = kind->keyPrefix();
        if (gone || event->current->version == 1) {
            counts_[prefix] += gone ? -1 : 1;
            countsDirty_.insert(prefix);
        }
        if (kind == openKind_)
            tableRows_[key] = value;
        if (openPrefixes_.count(prefix))
            dirtyPrefixes_.insert(prefix);
    }
    if (inspected_.key.empty())
        return;
    const std::string name = inspected_.key.substr(inspected_.key.rfind('/') + 1);
    const bool about = key.starts_with(kEvents) && key.find("/" + name + ".") != std::string::npos;
    inspectionDirty_ |= key == inspected_.key || about;
}

void Collector::touch() {
    if (!attached() || !windowReady_ || flushPosted_)
        return;
    flushPosted_ = true;
    env_->executor.post([this, alive = alive_] {
        flushPosted_ = false;
        if (*alive)
            flush();
    });
}

void Collector::windowReady() {
    windowReady_ = true;
    if (attached() && pending())
        touch();
}

bool Collector::pending() const {
    return nextDirty_ || !pods_.empty() || !nodes_.empty() || !revisions_.empty() ||
           !hops_.empty() || loopsChanged_ || loopsDirty_ || loopDetailDirty_ ||
           !countsDirty_.empty() || tableReset_ || !tableRows_.empty() || !dirtyPrefixes_.empty() ||
           inspectionDirty_ || logDirty_;
}

void Collector::flush() {
    if (!windowReady_ || !pending())
        return;
    auto batch = std::make_shared<Batch>(std::exchange(next_, {}));
    nextDirty_ = false;
    batch->at = env_->now();
    const store::Store& store = cluster_->store();
    batch->revision = store.durableRevision();
    batch->compactRevision = store.compactRevision();
    batch->storeBytes = store.sizeBytes();
    fillPods(*batch);
    fillLoops(*batch);
    fillLoopDetail(*batch);
    batch->revisions = std::exchange(revisions_, {});
    batch->skyline = std::exchange(skyline_, {});
    for (auto& [key, hop] : std::exchange(hops_, {}))
        batch->hops.push_back(std::move(hop));
    for (const std::string& prefix : std::exchange(countsDirty_, {}))
        batch->counts.emplace_back(kindId(*kinds_[prefix]), counts_[prefix]);
    fillTable(*batch);
    fillKeys(*batch);
    fillInspection(*batch);
    if (std::exchange(logDirty_, false)) {
        batch->log = std::make_shared<LogChunk>(log_);
        log_.reset = false;
        log_.text.clear();
    }
    windowReady_ = false;
    deliver_(std::move(batch));
}

void Collector::fillPods(Batch& batch) {
    for (auto* waiting : {&nodes_, &pods_}) {
        const bool pods = waiting == &pods_;
        int left = kPodsPerBatch;
        for (auto entry = waiting->begin(); entry != waiting->end() && left-- > 0;
             entry = waiting->erase(entry)) {
            const std::string name = entry->first.substr(pods ? kPods.size() : kNodes.size());
            if (!entry->second) {
                (pods ? batch.podsGone : batch.nodesGone).push_back(name);
                continue;
            }
            // A tree of its own: whoever else reads this object keeps and drops the shared one as
            // it needs.
            const Result<Json> tree = parseJson(entry->second->value->bytes());
            if (!tree)
                continue;
            if (pods)
                batch.pods.push_back(podRow(*tree));
            else
                batch.nodes.push_back(nodeRow(*tree));
        }
    }
}

void Collector::fillLoops(Batch& batch) {
    if (!std::exchange(loopsDirty_, false) && !loopsChanged_)
        return;
    batch.loopsChanged = std::exchange(loopsChanged_, false);
    for (const Loop* loop : cluster_->loops().all()) {
        const std::string name = loop->name();
        if (batch.loopsChanged)
            batch.loopNames.push_back(name);
        const auto sent = sentLoops_.find(name);
        if (sent != sentLoops_.end() && sent->second.steps == loop->steps() &&
            sent->second.paused == loop->paused() &&
            sent->second.queueLength == loop->queueLength())
            continue;
        batch.loops.push_back(sentLoops_[name] = loopRow(*loop));
    }
}

void Collector::fillLoopDetail(Batch& batch) {
    if (!std::exchange(loopDetailDirty_, false))
        return;
    const Loop* loop = cluster_->loops().byName(watchedLoop_);
    if (!loop)
        return;
    auto detail = std::make_shared<LoopDetail>();
    detail->name = watchedLoop_;
    detail->queued = loop->queued(kQueueMax);
    for (auto step = loop->recent().rbegin();
         step != loop->recent().rend() && detail->recent.size() < kQueueMax; ++step)
        detail->recent.push_back(stepRow(*step));
    batch.loopDetail = std::move(detail);
}

void Collector::fillInspection(Batch& batch) {
    if (!std::exchange(inspectionDirty_, false) || inspected_.key.empty())
        return;
    batch.inspection =
        inspectObject(*cluster_, kindOf(inspected_.key), inspected_, journeys_.of(inspected_.key));
}

} // namespace orrery::app
