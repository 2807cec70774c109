#include "core/apiserver/service_allocator.h"

#include <charconv>
#include <map>

#include "core/api/validation/validation.h"

namespace orrery::apiserver {

namespace {
std::optional<std::uint32_t> parseAddress(std::string_view text) {
    std::uint32_t address = 0;
    for (int part = 0; part < 4; ++part) {
        const std::size_t dot = part < 3 ? text.find('.') : text.size();
        unsigned value = 0;
        if (dot == std::string_view::npos || dot == 0 || dot > 3)
            return std::nullopt;
        const auto [end, code] = std::from_chars(text.data(), text.data() + dot, value);
        if (code != std::errc() || end != text.data() + dot || value > 255)
            return std::nullopt;
        address = address << 8 | value;
        text.remove_prefix(std::min(dot + 1, text.size()));
    }
    return address;
}

std::string formatAddress(std::uint32_t address) {
    return std::to_string(address >> 24) + "." + std::to_string(address >> 16 & 255) + "." +
           std::to_string(address >> 8 & 255) + "." + std::to_string(address & 255);
}

std::string_view nameOf(const Json& service) {
    return stringAt(service, "metadata.name");
}

Error refused(const Json& service, std::string field, std::string value, std::string reason) {
    return api::invalid("", "Service", nameOf(service),
                        {StatusCause{"FieldValueInvalid", "Invalid value: " + value + ": " + reason,
                                     std::move(field)}});
}

bool wantsNodePorts(const Json& spec) {
    const std::string_view type = stringAt(spec, "type", "ClusterIP");
    return type == "NodePort" ||
           (type == "LoadBalancer" && boolAt(spec, "allocateLoadBalancerNodePorts", true));
}

std::set<int> portsOf(const Json& service) {
    std::set<int> ports;
    for (const Json& port : arrayAt(service, "spec.ports"))
        if (const std::int64_t number = intAt(port, "nodePort"))
            ports.insert(static_cast<int>(number));
    if (const std::int64_t number = intAt(service, "spec.healthCheckNodePort"))
        ports.insert(static_cast<int>(number));
    return ports;
}
} // namespace

ServiceAllocator::ServiceAllocator(Random& random, std::string cidr)
    : random_(random), cidr_(std::move(cidr)) {
    const std::size_t slash = cidr_.find('/');
    const auto base = parseAddress(std::string_view(cidr_).substr(0, slash));
    ORRERY_ASSERT(base.has_value() && slash != std::string::npos);
    const int bits = std::atoi(cidr_.c_str() + slash + 1);
    ORRERY_ASSERT(bits >= 8 && bits <= 30);
    first_ = *base + 1;
    last_ = *base + (std::uint32_t{1} << (32 - bits)) - 2;
}

std::string ServiceAllocator::firstAddress() const {
    return formatAddress(first_);
}

void ServiceAllocator::rebuild(const store::Store& store, std::string_view prefix) {
    addresses_.clear();
    ports_.clear();
    const auto services = store.list(prefix);
    ORRERY_ASSERT(services.has_value()); // the newest revision is never compacted
    for (const store::KeyValuePtr& service : services->items) {
        onWrite(nullptr, &service->value->tree());
        service->value->dropTree();
    }
}

void ServiceAllocator::onWrite(const Json* old, const Json* now) {
    const auto each = [](const Json* service, auto take) {
        if (service)
            for (const Json& address : arrayAt(*service, "spec.clusterIPs"))
                if (const auto number = parseAddress(asString(address)))
                    take(*number);
    };
    each(old, [this](std::uint32_t address) { addresses_.erase(address); });
    each(now, [this](std::uint32_t address) { addresses_.insert(address); });
    if (old)
        for (const int port : portsOf(*old))
            ports_.erase(port);
    if (now)
        for (const int port : portsOf(*now))
            ports_.insert(port);
}

std::optional<std::uint32_t> ServiceAllocator::freeAddress() {
    const std::uint64_t size = last_ - first_ + 1;
    if (addresses_.size() >= size)
        return std::nullopt;
    // Kubernetes keeps the lower part for addresses that people choose, and gives from the upper
    // part first.
    const std::uint64_t low = size > 256 ? 256 : size / 2;
    std::uint64_t offset = low + random_.below(size - low);
    for (std::uint64_t tried = 0; tried < size; ++tried, offset = (offset + 1) % size)
        if (!addresses_.contains(first_ + static_cast<std::uint32_t>(offset)))
            return first_ + static_cast<std::uint32_t>(offset);
    return std::nullopt;
}

std::optional<int> ServiceAllocator::freePort(const std::set<int>& mine) const {
    constexpr int kSize = kNodePortMax - kNodePortMin + 1;
    constexpr int kLow = 86; // as upstream: what people choose is likely to be below
    int offset = kLow + static_cast<int>(random_.below(kSize - kLow));
    for (int tried = 0; tried < kSize; ++tried, offset = (offset + 1) % kSize)
        if (!ports_.contains(kNodePortMin + offset) && !mine.contains(kNodePortMin + offset))
            return kNodePortMin + offset;
    return std::nullopt;
}

Result<void> ServiceAllocator::fillAddress(Json& service, bool dryRun) {
    Json& spec = ensurePath(service, "spec");
    const JsonArray& given = arrayAt(spec, "clusterIPs");
    if (!given.empty() && asString(given[0]) == "None")
        return {};
    const std::string asked = given.empty() ? "" : std::string(asString(given[0]));
    if (asked.empty()) {
        // Nothing is given out in a dry run: the network's own address stands for one.
        const auto free = dryRun ? std::optional(first_ - 1) : freeAddress();
        if (!free)
            return internalError("failed to allocate a serviceIP for Service \"" +
                                 std::string(nameOf(service)) + "\": range is full");
        const Json address(formatAddress(*free));
        setPath(spec, "clusterIP", address);
        setPath(spec, "clusterIPs", JsonArray{address});
        return {};
    }
    const std::string list = serializeJson(Json(given));
    const auto number = parseAddress(asked);
    const auto deny = [&](const std::string& reason) {
        return refused(service, "spec.clusterIPs", list,
                       "failed to allocate IP " + asked + ": " + reason);
    };
    if (!number || *number < first_ || *number > last_)
        return deny(dryRun ? "the provided IP (" + asked +
                                 ") is not in the valid range. The range of valid IPs is " + cidr_
                           : "the provided network does not match the current range");
    if (!dryRun && addresses_.contains(*number))
        return deny("provided IP is already allocated");
    setPath(spec, "clusterIP", Json(asked));
    return {};
}

// --- node ports --------------------------------------------------------------------------------

class ServiceAllocator::PortWrite {
  public:
    PortWrite(const ServiceAllocator& allocator, bool dryRun)
        : allocator_(allocator), dryRun_(dryRun) {}

    // What stands against taking `port`, "" when nothing does: then it is taken.
    std::string take(std::int64_t port) {
        const bool inside = port >= kNodePortMin && port <= kNodePortMax;
        if (!inside && !dryRun_)
            return "provided port is not in the valid range. The range of valid ports is " +
                   std::to_string(kNodePortMin) + "-" + std::to_string(kNodePortMax);
        const int number = static_cast<int>(port);
        if ((inside && allocator_.ports_.contains(number)) || !mine_.insert(number).second)
            return "provided port is already allocated";
        return {};
    }
    Result<int> next() {
        const auto free = allocator_.freePort(mine_);
        if (!free)
            return internalError("failed to allocate a nodePort: range is full");
        mine_.insert(*free);
        return *free;
    }

  private:
    const ServiceAllocator& allocator_;
    std::set<int> mine_;
    bool dryRun_;
};

namespace {
JsonArray* portsOfSpec(Json& service) {
    Json* ports = find(ensurePath(service, "spec"), "ports");
    return ports ? ports->if_array() : nullptr;
}

Error refusedPort(const Json& service, std::size_t index, std::int64_t port,
                  const std::string& why) {
    return refused(service, "spec.ports[" + std::to_string(index) + "].nodePort",
                   std::to_string(port), why);
}
} // namespace

Result<void> ServiceAllocator::fillNewPorts(Json& service, PortWrite& ports) const {
    JsonArray* list = portsOfSpec(service);
    if (!list)
        return {};
    const bool wanted = wantsNodePorts(*find(service, "spec"));
    std::map<std::int64_t, std::int64_t> askedFor, given; // by the Service's own port
    for (const Json& port : *list)
        if (intAt(port, "nodePort") != 0)
            askedFor.emplace(intAt(port, "port"), intAt(port, "nodePort"));
    for (std::size_t i = 0; i < list->size(); ++i) {
        Json& port = (*list)[i];
        const std::int64_t number = intAt(port, "port"), asked = intAt(port, "nodePort");
        if (asked == 0 && !wanted)
            continue;
        const auto known = given.find(number);
        if (known != given.end() && asked == 0) {
            // One number for TCP and UDP has one node port.
            setPath(port, "nodePort", known->second);
        } else if (known != given.end()) {
            if (asked != known->second)
                if (const std::string why = ports.take(asked); !why.empty())
                    return refusedPort(service, i, asked, why);
        } else if (const auto request = askedFor.find(number); request != askedFor.end()) {
            if (const std::string why = ports.take(request->second); !why.empty())
                return refusedPort(service, i, request->second, why);
            setPath(port, "nodePort", request->second);
            given[number] = request->second;
        } else {
            ORRERY_TRY_ASSIGN(const int free, ports.next());
            setPath(port, "nodePort", free);
            given[number] = free;
        }
    }
    return {};
}

Result<void> ServiceAllocator::fillChangedPorts(Json& service, const Json& old,
                                                PortWrite& ports) const {
    JsonArray* list = portsOfSpec(service);
    if (!list)
        return {};
    const bool wanted = wantsNodePorts(*find(service, "spec"));
    const std::set<int> before = portsOf(old);
    std::set<std::int64_t> taken;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < list->size(); ++i) {
        Json& port = (*list)[i];
        std::int64_t number = intAt(port, "nodePort");
        if (number == 0 && !wanted)
            continue;
        if (number == 0) {
            ORRERY_TRY_ASSIGN(const int free, ports.next());
            number = free;
            setPath(port, "nodePort", number);
        } else if (!before.contains(static_cast<int>(number)) && taken.insert(number).second) {
            if (const std::string why = ports.take(number); !why.empty())
                return refusedPort(service, i, number, why);
        }
        const std::string id =
            "{" + std::string(stringAt(port, "protocol")) + " " + std::to_string(number) + "}";
        if (!seen.insert(id).second)
            return internalError("duplicate nodePort: " + id);
    }
    return {};
}

Result<void> ServiceAllocator::fillHealthPort(Json& service, PortWrite& ports) const {
    const std::int64_t asked = intAt(service, "spec.healthCheckNodePort");
    if (asked != 0) {
        const std::string why = ports.take(asked);
        if (!why.empty())
            return internalError("failed to allocate requested HealthCheck NodePort " +
                                 std::to_string(asked) + ": " + why);
        return {};
    }
    ORRERY_TRY_ASSIGN(const int free, ports.next());
    setPath(service, "spec.healthCheckNodePort", free);
    return {};
}

Result<void> ServiceAllocator::fill(Json& service, const Json* old, bool dryRun) {
    ORRERY_TRY(fillIpFamilies(service, old));
    const auto needsAddress = [](const Json& each) {
        return stringAt(each, "spec.type") != "ExternalName";
    };
    // Later versions keep their address; a service that had none gets one.
    if (needsAddress(service) && (!old || !needsAddress(*old)))
        ORRERY_TRY(fillAddress(service, dryRun));
    const auto ported = [](const Json& each) {
        const std::string_view type = stringAt(each, "spec.type");
        return type == "NodePort" || type == "LoadBalancer";
    };
    const auto watched = [](const Json& each) {
        return stringAt(each, "spec.type") == "LoadBalancer" &&
               stringAt(each, "spec.externalTrafficPolicy") == "Local";
    };
    PortWrite ports(*this, dryRun);
    if (ported(service) && old)
        ORRERY_TRY(fillChangedPorts(service, *old, ports));
    else if (ported(service))
        ORRERY_TRY(fillNewPorts(service, ports));
    if (watched(service) && !(old && watched(*old)))
        return fillHealthPort(service, ports);
    return {};
}

} // namespace orrery::apiserver
