#include "core/apiserver/service_allocator.h"

#include <charconv>

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

std::optional<int> ServiceAllocator::freePort(const std::set<int>& mine) {
    constexpr int kSize = kNodePortMax - kNodePortMin + 1;
    constexpr int kLow = 86; // as upstream: what people choose is likely to be below
    int offset = kLow + static_cast<int>(random_.below(kSize - kLow));
    for (int tried = 0; tried < kSize; ++tried, offset = (offset + 1) % kSize)
        if (!ports_.contains(kNodePortMin + offset) && !mine.contains(kNodePortMin + offset))
            return kNodePortMin + offset;
    return std::nullopt;
}

Result<void> ServiceAllocator::setFamilies(const Json& service, Json& spec) const {
    const bool headless = stringAt(spec, "clusterIP") == "None";
    const bool selectorless = objectAt(spec, "selector").empty();
    std::string policy(stringAt(spec, "ipFamilyPolicy"));
    if (policy.empty())
        policy = headless && selectorless ? "RequireDualStack" : "SingleStack";
    // One family is configured, so only Services without addresses of their own can require two.
    if (policy == "RequireDualStack" && !headless)
        return refused(service, "spec.ipFamilyPolicy", "\"RequireDualStack\"",
                       "this cluster is not configured for dual-stack services");
    JsonArray families = arrayAt(spec, "ipFamilies");
    if (families.empty())
        families.emplace_back("IPv4");
    if (families.size() == 1 && headless && selectorless && policy != "SingleStack")
        families.emplace_back(asString(families[0]) == "IPv4" ? "IPv6" : "IPv4");
    if (!headless && asString(families[0]) != "IPv4")
        return refused(service, "spec.ipFamilies[0]", serializeJson(families[0]),
                       "not configured on this cluster");
    setPath(spec, "ipFamilies", std::move(families));
    setPath(spec, "ipFamilyPolicy", Json(policy));
    return {};
}

Result<void> ServiceAllocator::fillAddress(const Json& service, Json& spec, const Json* old,
                                           bool dryRun) {
    const std::string asked(stringAt(spec, "clusterIP"));
    if (asked == "None") {
        setPath(spec, "clusterIPs", JsonArray{Json("None")});
        return {};
    }
    if (asked.empty()) {
        const auto free = freeAddress();
        if (!free)
            return internalError("failed to allocate a serviceIP: range is full");
        const Json address(formatAddress(*free));
        setPath(spec, "clusterIP", address);
        setPath(spec, "clusterIPs", JsonArray{address});
        return {};
    }
    if (old && stringAt(*old, "spec.clusterIP") == asked)
        return {};
    const std::string list = serializeJson(Json(arrayAt(spec, "clusterIPs")));
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
    return {};
}

Result<void> ServiceAllocator::fillPorts(const Json& service, Json& spec, const Json* old,
                                         bool dryRun) {
    const std::set<int> before = old ? portsOf(*old) : std::set<int>();
    std::set<int> mine = portsOf(service);
    const auto check = [&](std::int64_t port, const std::string& field) -> Result<void> {
        if (dryRun || before.contains(static_cast<int>(port)))
            return {};
        if (port < kNodePortMin || port > kNodePortMax)
            return refused(service, field, std::to_string(port),
                           "provided port is not in the valid range. The range of valid ports is " +
                               std::to_string(kNodePortMin) + "-" + std::to_string(kNodePortMax));
        if (ports_.contains(static_cast<int>(port)))
            return refused(service, field, std::to_string(port),
                           "provided port is already allocated");
        return {};
    };
    const auto take = [&](Json& place, const char* field) -> Result<void> {
        const auto free = freePort(mine);
        if (!free)
            return internalError("failed to allocate a nodePort: range is full");
        mine.insert(*free);
        setPath(place, field, *free);
        return {};
    };
    Json* ports = find(spec, "ports");
    if (wantsNodePorts(spec) && ports && ports->is_array()) {
        std::size_t index = 0;
        for (Json& port : ports->get_array()) {
            const std::string field = "spec.ports[" + std::to_string(index++) + "].nodePort";
            if (const std::int64_t asked = intAt(port, "nodePort"))
                ORRERY_TRY(check(asked, field));
            else
                ORRERY_TRY(take(port, "nodePort"));
        }
    }
    if (stringAt(spec, "type") == "LoadBalancer" &&
        stringAt(spec, "externalTrafficPolicy") == "Local") {
        if (const std::int64_t asked = intAt(spec, "healthCheckNodePort"))
            return check(asked, "spec.healthCheckNodePort");
        return take(spec, "healthCheckNodePort");
    }
    return {};
}

Result<void> ServiceAllocator::fill(Json& service, const Json* old, bool dryRun) {
    Json& spec = ensurePath(service, "spec");
    if (stringAt(spec, "type") == "ExternalName")
        return {};
    ORRERY_TRY(setFamilies(service, spec));
    ORRERY_TRY(fillAddress(service, spec, old, dryRun));
    return fillPorts(service, spec, old, dryRun);
}

} // namespace orrery::apiserver
