// CustomResourceDefinitions in the store become kinds of the registry, as soon as they are written.
#pragma once
#include <map>
#include <string>

#include "core/api/custom/custom_kinds.h"
#include "core/api/kind.h"
#include "core/runtime/env.h"
#include "core/store/store.h"

namespace orrery::apiserver {

using store::Revision;

class CustomKinds {
  public:
    static constexpr const char* kPrefix =
        "/registry/apiextensions.k8s.io/customresourcedefinitions/";

    CustomKinds(Env& env, api::KindRegistry& kinds) : env_(env), kinds_(kinds) {}
    ~CustomKinds() { *alive_ = false; }

    // Reads every definition anew: at start, and when the disk refused a write.
    void rebuild(const store::Store& store);
    // After a definition was written (`now` null: deleted).
    void onWrite(const std::string& key, const Json* now, Revision revision);
    // Nothing is created of a kind whose definition is being deleted.
    bool terminating(const api::KindDef& kind) const;
    // Runs when kinds came, changed or went.
    void onChange(std::function<void()> then) { onChange_ = std::move(then); }
    // The key prefixes of kinds that changed or went since the last call: their watches end.
    std::vector<std::string> takeChanged() { return std::exchange(changed_, {}); }

  private:
    struct Entry {
        std::string form; // servedForm()
        bool terminating = false;
    };
    void install(const std::string& name, const Json& definition, Revision since);
    void drop(const std::string& name);
    void tellLater();

    Env& env_;
    api::KindRegistry& kinds_;
    std::map<std::string, Entry, std::less<>> entries_; // by the definition's name
    std::vector<std::string> changed_;
    std::function<void()> onChange_;
    bool telling_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace orrery::apiserver
