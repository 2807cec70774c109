#include "core/cluster/manifests.h"

#include "core/base/yaml.h"

namespace orrery::cluster {

namespace {
Error at(const std::string& file, int line, const std::string& reason) {
    return badRequest(file + ":" + std::to_string(line) + ": " + reason);
}

// One object, or the items of a List.
Result<void> addObject(const api::KindRegistry& kinds, const std::string& file, int line,
                       Json object, std::vector<Manifest>& out) {
    if (!object.is_object())
        return at(file, line,
                  "this document is no Kubernetes object (a mapping with apiVersion and kind)");
    const std::string apiVersion(stringAt(object, "apiVersion"));
    const std::string kind(stringAt(object, "kind"));
    if (kind.empty() || apiVersion.empty())
        return at(file, line,
                  std::string("the object has no ") + (kind.empty() ? "kind" : "apiVersion"));
    if (kind == "List" && apiVersion == "v1") {
        for (const Json& item : arrayAt(object, "items"))
            ORRERY_TRY(addObject(kinds, file, line, item, out));
        return {};
    }
    const api::KindDef* def = kinds.byApiVersion(apiVersion, kind);
    if (!def)
        return at(file, line,
                  "no matches for kind \"" + kind + "\" in version \"" + apiVersion + "\"");
    if (stringAt(object, "metadata.name").empty() &&
        stringAt(object, "metadata.generateName").empty())
        return at(file, line, "the " + kind + " has no metadata.name");
    out.push_back({line, def, def->family.lock(), std::move(object)});
    return {};
}

// The state of one applyAll; keeps itself alive in its own callbacks.
struct Run : std::enable_shared_from_this<Run> {
    client::Client& client;
    std::string file;
    std::vector<Manifest> manifests;
    std::vector<Applied> rows;
    std::function<void(std::vector<Applied>)> done;

    explicit Run(client::Client& c) : client(c) {}

    void next() {
        if (rows.size() == manifests.size())
            return done(std::move(rows));
        const Manifest& manifest = manifests[rows.size()];
        client::Request get;
        get.verb = "get";
        get.path = pathOf(manifest);
        if (get.path.name.empty())
            return apply(0); // generateName: always a new one
        client.send(std::move(get), [self = shared_from_this()](Result<client::Response> current) {
            self->apply(current ? current->resourceVersion : 0);
        });
    }

    static client::ResourcePath pathOf(const Manifest& manifest) {
        client::ResourcePath path{
            manifest.kind->group, manifest.kind->version, manifest.kind->plural, "", "", ""};
        if (manifest.kind->scope == api::Scope::Namespaced)
            path.namespace_ =
                std::string(stringAt(manifest.object, "metadata.namespace", "default"));
        path.name = std::string(stringAt(manifest.object, "metadata.name"));
        return path;
    }

    void apply(std::int64_t versionBefore) {
        const Manifest& manifest = manifests[rows.size()];
        client::Request request;
        request.path = pathOf(manifest);
        request.body = manifest.object;
        request.fieldManager = "orrery";
        request.cause.because = "applied from " + file;
        if (request.path.name.empty()) {
            request.verb = "create";
        } else {
            request.verb = "patch";
            request.patchType = client::PatchType::Apply;
            request.force = true;
        }
        client.send(std::move(request),
                    [self = shared_from_this(), versionBefore](Result<client::Response> answer) {
                        self->record(versionBefore, answer);
                        self->next();
                    });
    }

    void record(std::int64_t versionBefore, const Result<client::Response>& answer) {
        const Manifest& manifest = manifests[rows.size()];
        const client::ResourcePath path = pathOf(manifest);
        Applied row{Applied::What::Failed,
                    file,
                    manifest.line,
                    manifest.kind->kind,
                    path.namespace_,
                    path.name,
                    ""};
        if (!answer)
            row.message = answer.error().message;
        else if (versionBefore == 0)
            row.what = Applied::What::Created;
        else
            row.what = answer->resourceVersion == versionBefore ? Applied::What::Unchanged
                                                                : Applied::What::Configured;
        if (answer && row.name.empty() && answer->object)
            row.name = std::string(stringAt(answer->object->tree(), "metadata.name"));
        rows.push_back(std::move(row));
    }
};
} // namespace

Result<std::vector<Manifest>> readManifests(const api::KindRegistry& kinds, const std::string& file,
                                            std::string_view text) {
    Result<std::vector<YamlDocument>> documents = parseYaml(text);
    if (!documents)
        return badRequest(file + ": " + documents.error().message);
    std::vector<Manifest> manifests;
    for (YamlDocument& document : *documents)
        ORRERY_TRY(addObject(kinds, file, document.line, std::move(document.value), manifests));
    if (manifests.empty())
        return badRequest(file + ": there is no object in it");
    return manifests;
}

void applyAll(client::Client& client, std::string file, std::vector<Manifest> manifests,
              std::function<void(std::vector<Applied>)> done) {
    auto run = std::make_shared<Run>(client);
    run->file = std::move(file);
    run->manifests = std::move(manifests);
    run->done = std::move(done);
    run->next();
}

} // namespace orrery::cluster
