#include "core/api/openapi.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::api;

namespace {
Json parsed(const std::string& text) {
    Result<Json> value = parseJson(text);
    ORRERY_ASSERT(value.has_value());
    return std::move(*value);
}

// Every "$ref" of a document, checked against its definitions.
void checkReferences(const Json& value, const JsonObject& definitions, std::string_view prefix,
                     std::string& missing) {
    if (const JsonArray* items = value.if_array())
        for (const Json& item : *items)
            checkReferences(item, definitions, prefix, missing);
    const JsonObject* object = value.if_object();
    for (const auto& [key, member] : object ? *object : JsonObject()) {
        if (key == "$ref" && member.is_string()) {
            const std::string_view target = asString(member);
            if (target.starts_with("#/parameters/")) // checked where they are used
                continue;
            if (!target.starts_with(prefix) || !definitions.contains(target.substr(prefix.size())))
                missing += std::string(target) + "\n";
        } else {
            checkReferences(member, definitions, prefix, missing);
        }
    }
}
} // namespace

class OpenApiTest : public QObject {
    Q_OBJECT
  private slots:
    void version3();
    void version2();
    void customKinds();
};

void OpenApiTest::version3() {
    const KindRegistry kinds;
    const Json index = parsed(openApiV3Index(kinds));
    QVERIFY(index.at("paths").get_object().size() >= 20);
    for (const auto& [path, entry] : index.at("paths").get_object()) {
        const Json document =
            parsed(openApiV3Json(kinds, std::string_view(path.data(), path.size())));
        std::string missing;
        checkReferences(document, objectAt(document, "components.schemas"), "#/components/schemas/",
                        missing);
        QVERIFY2(missing.empty(), missing.c_str());
    }
    QVERIFY(openApiV3Json(kinds, "apis/nothing/v1").empty());
    const Json apps = parsed(openApiV3Json(kinds, "apis/apps/v1"));
    const Json& patch =
        apps.at("paths").at("/apis/apps/v1/namespaces/{namespace}/deployments/{name}").at("patch");
    std::set<std::string> parameters;
    for (const Json& each : patch.at("parameters").get_array())
        parameters.emplace(stringAt(each, "name"));
    for (const char* name : {"fieldManager", "fieldValidation", "dryRun", "force"})
        QVERIFY2(parameters.contains(name), name);
    QCOMPARE(stringAt(patch.at("x-kubernetes-group-version-kind"), "kind"),
             std::string_view("Deployment"));
    const Json& spec = apps.at("components").at("schemas").at("io.k8s.api.apps.v1.DeploymentSpec");
    QCOMPARE(spec.at("required").get_array().size(), std::size_t(2));
}

void OpenApiTest::version2() {
    const KindRegistry kinds;
    const Json document = parsed(openApiV2Json(kinds));
    std::string missing;
    checkReferences(document, document.at("definitions").get_object(), "#/definitions/", missing);
    QVERIFY2(missing.empty(), missing.c_str());
    const Json& pod = document.at("definitions").at("io.k8s.api.core.v1.Pod");
    QCOMPARE(stringAt(pod.at("x-kubernetes-group-version-kind").get_array().at(0), "kind"),
             std::string_view("Pod"));
    std::set<std::string> ids;
    for (const auto& [path, item] : document.at("paths").get_object())
        for (const auto& [method, operation] : item.get_object())
            if (operation.is_object())
                QVERIFY2(ids.emplace(stringAt(operation, "operationId")).second,
                         std::string(stringAt(operation, "operationId")).c_str());
    const std::string message = openApiV2Protobuf(kinds);
    QVERIFY(message.starts_with("\x0a\x03"
                                "2.0"));
    QVERIFY(message.size() > 500000);
}

void OpenApiTest::customKinds() {
    KindRegistry kinds;
    auto family = std::make_shared<KindFamily>();
    KindDef& widget = family->emplace_back();
    widget.group = "kinds.example.com";
    widget.version = "v1";
    widget.kind = "Widget";
    widget.listKind = "WidgetList";
    widget.plural = "widgets";
    widget.singular = "widget";
    widget.custom = true;
    widget.verbs = {"create", "delete", "get", "list", "patch", "update"};
    widget.openApiSchema = std::make_shared<const Json>(
        *parseJson(R"({"type":"object","properties":{"spec":{"type":"object"}}})"));
    const std::string before = openApiV3Index(kinds);
    kinds.setFamily("widgets.kinds.example.com", family, {&widget});
    QVERIFY(openApiV3Index(kinds) != before);
    const Json document = parsed(openApiV3Json(kinds, "apis/kinds.example.com/v1"));
    const Json* definition =
        find(document.at("components").at("schemas"), "com.example.kinds.v1.Widget");
    QVERIFY(definition && findPath(*definition, "properties.spec") &&
            findPath(*definition, "properties.metadata"));
    QCOMPARE(kinds.all().back()->kind, std::string("Widget"));
}

ORRERY_TEST(OpenApiTest)
#include "openapi_test.moc"
