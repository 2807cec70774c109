// Manifests that a person drops on the window or names with --apply: read, checked as a whole, then
// applied one after the other (server-side apply, field manager "orrery").
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/api/kind.h"
#include "core/client/client.h"
#include "core/cluster/cluster.h"

namespace orrery::cluster {

struct Manifest {
    int line = 1; // where its document begins, from 1
    const api::KindDef* kind = nullptr;
    std::shared_ptr<const void> keeps = {}; // custom kinds: the family of `kind`
    Json object;
};

// All objects of a text, the items of Lists among them. One error (file, line, reason) refuses the
// whole text: no YAML, no object, an unknown kind, no name.
Result<std::vector<Manifest>> readManifests(const api::KindRegistry& kinds, const std::string& file,
                                            std::string_view text);

// Applies them in their order, each after the one before, so that a Namespace is there before what
// it holds.
void applyAll(client::Client& client, std::string file, std::vector<Manifest> manifests,
              std::function<void(std::vector<Applied>)> done);

} // namespace orrery::cluster
