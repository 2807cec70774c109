// Custom kinds: structural schemas, and what they do to objects.
#include "core/api/custom/custom_kinds.h"
#include "core/api/custom/custom_schema.h"
#include "core/api/custom/string_formats.h"
#include "core/api/defaults.h"
#include "core/api/managed_fields.h"
#include "core/api/object.h"
#include "core/api/tables.h"
#include "core/api/validation/validation.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::api;

namespace {
Json parsed(std::string_view text) {
    Result<Json> value = parseJson(text);
    ORRERY_ASSERT(value.has_value());
    return std::move(*value);
}
QString q(const std::string& text) {
    return QString::fromStdString(text);
}
std::string text(const FieldErrors& errors) {
    std::string out;
    for (const FieldError& error : errors)
        out += (out.empty() ? "" : "; ") + error.field + ": " + error.message;
    return out;
}

// A definition whose only version has `schema` as its spec's.
Json definition(const std::string& specSchema, const std::string& extra = "") {
    return parsed(
        R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",)"
        R"("metadata":{"name":"boats.sea.example.com","uid":"u","generation":1},)"
        R"("spec":{"group":"sea.example.com","scope":"Namespaced","names":{"plural":"boats",)"
        R"("singular":"boat","kind":"Boat","listKind":"BoatList"},"versions":[{"name":"v1",)"
        R"("served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object",)"
        R"("properties":{"spec":)" +
        specSchema + "}}}" + extra +
        R"(}]},"status":{"acceptedNames":{"plural":"boats","singular":"boat","kind":"Boat",)"
        R"("listKind":"BoatList"},"storedVersions":["v1"],)"
        R"("conditions":[{"type":"Established","status":"True"}]}})");
}

Json boat(const std::string& spec) {
    return parsed(R"({"apiVersion":"sea.example.com/v1","kind":"Boat",)"
                  R"("metadata":{"name":"b","namespace":"n"},"spec":)" +
                  spec + "}");
}
} // namespace

class CustomSchemaTest : public QObject {
    Q_OBJECT
  private slots:
    void validates_data();
    void validates();
    void ratchets_data();
    void ratchets();
    void shapes_data();
    void shapes();
    void refusesDefinitions_data();
    void refusesDefinitions();
    void knowsFormats_data();
    void knowsFormats();
    void ownsFields();
    void convertsVersions();
    void printsColumns();
    void familiesOutliveTheRegistry();
};

void CustomSchemaTest::validates_data() {
    QTest::addColumn<QString>("schema");
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("errors");
    const auto row = [](const char* name, const char* schema, const char* spec,
                        const char* errors) { QTest::newRow(name) << schema << spec << errors; };
    row("fine", R"({"type":"object","properties":{"a":{"type":"integer"}}})", R"({"a":1})", "");
    row("whole doubles are integers", R"({"type":"object","properties":{"a":{"type":"integer"}}})",
        R"({"a":1.0})", "");
    row("type", R"({"type":"object","properties":{"a":{"type":"string"}}})", R"({"a":5})",
        R"(spec.a: Invalid value: "integer": spec.a in body must be of type string: "integer")");
    row("number for integer", R"({"type":"object","properties":{"a":{"type":"integer"}}})",
        R"({"a":1.5})",
        R"(spec.a: Invalid value: "number": spec.a in body must be of type integer: "number"; )"
        R"(<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.a)");
    row("int32", R"({"type":"object","properties":{"a":{"type":"integer","format":"int32"}}})",
        R"({"a":3000000000})",
        R"(<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.a)");
    row("int or string",
        R"({"type":"object","properties":{"a":{"x-kubernetes-int-or-string":true}}})",
        R"({"a":true})",
        R"(spec.a: Invalid value: "boolean": spec.a in body must be of type integer,string: "boolean")");
    row("null", R"({"type":"array","items":{"type":"string"}})", R"([null])",
        R"(spec[0]: Invalid value: "null": spec[0] in body must be of type string: "null")");
    row("nullable", R"({"type":"array","items":{"type":"string","nullable":true}})", R"([null])",
        "");
    row("bounds",
        R"({"type":"object","properties":{"a":{"type":"integer","minimum":1,"maximum":1000000},)"
        R"("b":{"type":"number","exclusiveMaximum":true,"maximum":2.5}}})",
        R"({"a":1000001,"b":2.5})",
        "spec.a: Invalid value: 1000001: spec.a in body should be less than or equal to 1000000; "
        "spec.b: Invalid value: 2.5: spec.b in body should be less than 2.5");
    row("multiple of", R"({"type":"object","properties":{"a":{"type":"integer","multipleOf":3}}})",
        R"({"a":7})", "spec.a: Invalid value: 7: spec.a in body should be a multiple of 3");
    row("lengths count characters",
        R"({"type":"object","properties":{"a":{"type":"string","maxLength":3},)"
        R"("b":{"type":"string","minLength":3}}})",
        R"({"a":"äöü","b":"äö"})",
        R"(spec.b: Invalid value: "äö": spec.b in body should be at least 3 chars long)");
    row("pattern", R"({"type":"object","properties":{"a":{"type":"string","pattern":"^x+$"}}})",
        R"({"a":"xy"})", R"(spec.a: Invalid value: "xy": spec.a in body should match '^x+$')");
    row("enum", R"({"type":"object","properties":{"a":{"type":"integer","enum":[1,2]}}})",
        R"({"a":3})", R"(spec.a: Unsupported value: 3: supported values: "1", "2")");
    row("required", R"({"type":"object","required":["a"],"properties":{"a":{"type":"string"}}})",
        "{}", "spec.a: Required value");
    row("items", R"({"type":"array","minItems":1,"maxItems":2,"items":{"type":"integer"}})",
        R"([1,2,"3"])",
        R"(spec[2]: Invalid value: "string": spec[2] in body must be of type integer: "string"; )"
        "spec: Too many: 3: must have at most 2 items");
    row("properties", R"({"type":"object","minProperties":1})", "{}",
        "spec: Invalid value: 0: spec in body should have at least 1 properties");
    row("any of",
        R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},)"
        R"("anyOf":[{"required":["a"]},{"required":["b"]}]})",
        "{}",
        R"(<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf); )"
        "spec.a: Required value");
    row("one of",
        R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},)"
        R"("oneOf":[{"required":["a"]},{"required":["b"]}]})",
        R"({"a":"1","b":"2"})",
        R"(<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). )"
        "Found 2 valid alternatives");
    row("all of, not", R"({"type":"integer","allOf":[{"minimum":3}],"not":{"enum":[2]}})", "2",
        R"(spec: Invalid value: 2: spec in body should be greater than or equal to 3; )"
        R"(<nil>: Invalid value: "": "spec" must validate all the schemas (allOf). None validated; )"
        R"(<nil>: Invalid value: "": "spec" must not validate the schema (not))");
    row("sets", R"({"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"})",
        R"(["a","b","a"])", R"(spec[2]: Duplicate value: "a")");
    row("maps",
        R"({"type":"array","items":{"type":"object","properties":{"k":{"type":"string"},)"
        R"("p":{"type":"string","default":"TCP"}},"required":["k"]},)"
        R"("x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k","p"]})",
        R"([{"k":"a"},{"k":"a","p":"UDP"},{"p":"TCP","k":"a"}])",
        R"(spec[2]: Duplicate value: {"k":"a","p":"TCP"})");
    row("embedded resources",
        R"({"type":"object","x-kubernetes-embedded-resource":true,)"
        R"("x-kubernetes-preserve-unknown-fields":true})",
        R"({"kind":"Pod"})", "spec.apiVersion: Required value: must not be empty");
    row("rules are not run on what is wrong",
        R"({"type":"object","required":["a"],"properties":{"a":{"type":"string"}},)"
        R"("x-kubernetes-validations":[{"rule":"true"}]})",
        "{}",
        "spec.a: Required value; <nil>: Invalid value: null: some validation rules were not "
        "checked because the object was invalid; correct the existing errors to complete "
        "validation");
}

void CustomSchemaTest::validates() {
    QFETCH(QString, schema);
    QFETCH(QString, spec);
    QFETCH(QString, errors);
    const auto family = familyOf(definition(schema.toStdString()), 0);
    QCOMPARE(q(text(validateCreate(family->front(), boat(spec.toStdString())))), errors);
}

void CustomSchemaTest::ratchets_data() {
    QTest::addColumn<QString>("old");
    QTest::addColumn<QString>("now");
    QTest::addColumn<QString>("errors");
    QTest::newRow("unchanged") << R"({"n":90,"rooms":[{"k":"a","m":1}]})"
                               << R"({"n":90,"rooms":[{"k":"b","m":7},{"m":1,"k":"a"}]})"
                               << "";
    QTest::newRow("changed") << R"({"n":90})"
                             << R"({"n":91})"
                             << "spec.n: Invalid value: 91: spec.n in body should be less than or "
                                "equal to 10";
    QTest::newRow("new item") << R"({"rooms":[{"k":"a","m":1}]})"
                              << R"({"rooms":[{"k":"b","m":1}]})"
                              << "spec.rooms[0].m: Invalid value: 1: spec.rooms[0].m in body "
                                 "should be greater than or equal to 5";
    QTest::newRow("twice before") << R"({"rooms":[{"k":"a","m":7},{"k":"a","m":7}]})"
                                  << R"({"n":1,"rooms":[{"k":"a","m":7},{"k":"a","m":7}]})"
                                  << "";
}

void CustomSchemaTest::ratchets() {
    QFETCH(QString, old);
    QFETCH(QString, now);
    QFETCH(QString, errors);
    const auto family = familyOf(
        definition(
            R"({"type":"object","properties":{"n":{"type":"integer","maximum":10},)"
            R"("rooms":{"type":"array","x-kubernetes-list-type":"map",)"
            R"("x-kubernetes-list-map-keys":["k"],"items":{"type":"object",)"
            R"("properties":{"k":{"type":"string"},"m":{"type":"integer","minimum":5}}}}}})"),
        0);
    QCOMPARE(q(text(validateUpdate(family->front(), boat(now.toStdString()),
                                   boat(old.toStdString()), ""))),
             errors);
}

void CustomSchemaTest::shapes_data() {
    QTest::addColumn<QString>("schema");
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("result");
    QTest::addColumn<QString>("unknown");
    QTest::newRow("prunes")
        << R"({"type":"object","properties":{"a":{"type":"array","items":{"type":"object",)"
           R"("properties":{"b":{"type":"string"}}}}}})"
        << R"({"z":1,"a":[{"b":"x"},{"c":1}]})"
        << R"({"a":[{"b":"x"},{}]})"
        << "spec.a[1].c spec.z";
    QTest::newRow("preserves")
        << R"({"type":"object","x-kubernetes-preserve-unknown-fields":true,)"
           R"("properties":{"k":{"type":"object","properties":{"a":{"type":"string"}}}}})"
        << R"({"any":{"x":null},"k":{"a":"1","b":2}})"
        << R"({"any":{"x":null},"k":{"a":"1"}})"
        << "spec.k.b";
    QTest::newRow("defaults")
        << R"({"type":"object","properties":{"a":{"type":"integer","default":4},)"
           R"("o":{"type":"object","default":{},"properties":{"i":{"type":"string","default":"y"}}},)"
           R"("m":{"type":"object","additionalProperties":{"type":"object",)"
           R"("properties":{"v":{"type":"boolean","default":true}}}}}})"
        << R"({"a":null,"m":{"k":{}}})"
        << R"({"a":4,"m":{"k":{"v":true}},"o":{"i":"y"}})"
        << "";
    QTest::newRow("nulls") << R"({"type":"object","properties":{"a":{"type":"string"},)"
                              R"("b":{"type":"string","nullable":true,"default":"x"}}})"
                           << R"({"a":null,"b":null})"
                           << R"({"b":null})"
                           << "";
    QTest::newRow("numbers") << R"({"type":"object","properties":{"a":{"type":"number"}}})"
                             << R"({"a":4.0})"
                             << R"({"a":4})"
                             << "";
    QTest::newRow("embedded metadata")
        << R"({"type":"object","x-kubernetes-embedded-resource":true,"properties":{)"
           R"("spec":{"type":"string"}}})"
        << R"({"apiVersion":"v1","kind":"X","metadata":{"name":"a","odd":1},"other":1})"
        << R"({"apiVersion":"v1","kind":"X","metadata":{"name":"a"}})"
        << "spec.other spec.metadata.odd";
}

void CustomSchemaTest::shapes() {
    QFETCH(QString, schema);
    QFETCH(QString, spec);
    QFETCH(QString, result);
    QFETCH(QString, unknown);
    const auto family = familyOf(definition(schema.toStdString()), 0);
    std::vector<std::string> paths;
    Json object = boat(spec.toStdString());
    QCOMPARE(q(normaliseCustom(family->front(), object, paths)), QString());
    applyDefaults(family->front(), object);
    std::string all;
    for (const std::string& path : paths)
        all += (all.empty() ? "" : " ") + path;
    QCOMPARE(q(all), unknown);
    QVERIFY2(sameValue(*find(object, "spec"), parsed(result.toStdString())),
             serializeJson(object).c_str());
}

void CustomSchemaTest::refusesDefinitions_data() {
    QTest::addColumn<QString>("schema");
    QTest::addColumn<QString>("extra");
    QTest::addColumn<QString>("errors");
    const auto row = [](const char* name, const char* schema, const char* errors,
                        const char* extra = "") {
        QTest::newRow(name) << schema << extra << errors;
    };
    const char* spec = "spec.validation.openAPIV3Schema.properties[spec]";
    static std::deque<std::string> kept; // rows keep pointers
    const auto at = [&](const std::string& rest) { return kept.emplace_back(spec + rest).c_str(); };
    row("fine", R"({"type":"object"})", "");
    row("no type", "{}",
        at(".type: Required value: must not be empty for specified object fields"));
    row("no items", R"({"type":"array"})", at(".items: Required value: must be specified"));
    row("unknown type", R"({"type":"text"})",
        at(R"(.type: Unsupported value: "text": supported values: "array", "boolean", "integer", )"
           R"("number", "object", "string")"));
    row("pattern", R"({"type":"string","pattern":"a("})",
        at(R"(.pattern: Invalid value: "a(": must be a valid regular expression, but isn't: )"
           "error parsing regexp: missing closing ): `a(`"));
    row("both kinds of properties",
        R"({"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"string"}})",
        at(".additionalProperties: Forbidden: additionalProperties and properties are mutual "
           "exclusive"));
    row("type in a junctor", R"({"type":"object","anyOf":[{"type":"object"}]})",
        at(".anyOf[0].type: Forbidden: must be empty to be structural"));
    row("int or string may say so",
        R"({"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]})",
        "");
    row("set of objects",
        R"({"type":"array","items":{"type":"object"},"x-kubernetes-list-type":"set"})",
        at(".items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list "
           "with x-kubernetes-list-type=set"));
    row("map without keys",
        R"({"type":"array","items":{"type":"object"},"x-kubernetes-list-type":"map"})",
        at(".x-kubernetes-list-map-keys: Required value: must not be empty if "
           "x-kubernetes-list-type is map"));
    row("default of another type", R"({"type":"integer","default":"x"})",
        at(R"(.default: Invalid value: "string":  in body must be of type integer: "string")"));
    row("default with unknown fields", R"({"type":"object","default":{"a":1}})",
        at(R"(.default: Invalid value: {"a":1}: must not have unknown fields)"));
    row("column", R"({"type":"object"})",
        "spec.additionalPrinterColumns[0].JSONPath: Invalid value: \"x\": must be a simple json "
        "path starting with .",
        R"(,"additionalPrinterColumns":[{"name":"X","type":"string","jsonPath":"x"}])");
    row("scale", R"({"type":"object"})",
        "spec.subresources.scale.specReplicasPath: Invalid value: \".status.n\": should be a json "
        "path under .spec",
        R"(,"subresources":{"scale":{"specReplicasPath":".status.n","statusReplicasPath":".status.n"}})");
    row("selectable field", R"({"type":"object","properties":{"o":{"type":"object"}}})",
        "spec.selectableFields[0].jsonPath: Invalid value: \".spec.o\": must point to a field of "
        "type string, boolean or integer. Enum string fields and strings with formats are "
        "allowed.",
        R"(,"selectableFields":[{"jsonPath":".spec.o"}])");
}

void CustomSchemaTest::refusesDefinitions() {
    QFETCH(QString, schema);
    QFETCH(QString, extra);
    QFETCH(QString, errors);
    static const KindRegistry kinds;
    const KindDef& kind =
        *kinds.byResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");
    const Json object = definition(schema.toStdString(), extra.toStdString());
    QCOMPARE(q(text(validateCreate(kind, object))), errors);
}

void CustomSchemaTest::knowsFormats_data() {
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("fits");
    struct Row {
        const char *format, *text;
        bool fits;
    };
    static constexpr Row kRows[] = {
        {"date", "2024-02-29", true},
        {"date", "2023-02-29", false},
        {"date", "24-01-01", false},
        {"date-time", "2024-02-29T10:00:00Z", true},
        {"date-time", "2024-02-29T10:00:00.5+01:00", true},
        {"date-time", "2024-02-29 10:00:00Z", false},
        {"email", "a@example.com", true},
        {"email", "nobody", false},
        {"ipv4", "10.0.0.1", true},
        {"ipv4", "300.0.0.1", false},
        {"ipv4", "::1", false},
        {"ipv6", "fe80::1", true},
        {"cidr", "10.0.0.0/8", true},
        {"cidr", "10.0.0.0/40", false},
        {"mac", "01:23:45:67:89:ab", true},
        {"mac", "01:23", false},
        {"uuid", "123e4567-e89b-12d3-a456-426614174000", true},
        {"uuid4", "123e4567-e89b-12d3-a456-426614174000", false},
        {"uri", "https://example.com/a", true},
        {"uri", "no scheme", false},
        {"byte", "aGk=", true},
        {"byte", "aG", false},
        {"duration", "1h30m", true},
        {"duration", "soon", false},
        {"hexcolor", "#a0b1c2", true},
        {"creditcard", "4111 1111 1111 1111", true},
        {"isbn", "978-3-16-148410-0", true},
        {"isbn10", "0-306-40615-3", false},
        {"hostname", "a.example.com", true},
        {"nonsense", "anything", true},
    };
    for (const Row& row : kRows)
        QTest::newRow((std::string(row.format) + " " + row.text).c_str())
            << row.format << row.text << row.fits;
}

void CustomSchemaTest::knowsFormats() {
    QFETCH(QString, format);
    QFETCH(QString, text);
    QFETCH(bool, fits);
    QCOMPARE(hasStringFormat(format.toStdString(), text.toStdString()), fits);
}

void CustomSchemaTest::ownsFields() {
    const auto family = familyOf(
        definition(
            R"({"type":"object","properties":{"goods":{"type":"array",)"
            R"("x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],)"
            R"("items":{"type":"object","properties":{"name":{"type":"string"}}}},)"
            R"("days":{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"},)"
            R"("place":{"type":"object","x-kubernetes-map-type":"atomic",)"
            R"("properties":{"row":{"type":"integer"}}}}})"),
        0);
    Json object = boat(R"({"goods":[{"name":"fig"}],"days":["mon"],"place":{"row":1}})");
    updateManagedFields(family->front(), object, nullptr, "ann", "", Time{});
    const JsonArray& entries = arrayAt(object, "metadata.managedFields");
    QCOMPARE(entries.size(), std::size_t(1));
    const Json wanted = parsed(
        R"({"f:spec":{".":{},"f:days":{".":{},"v:\"mon\"":{}},)"
        R"("f:goods":{".":{},"k:{\"name\":\"fig\"}":{".":{},"f:name":{}}},"f:place":{}}})");
    QVERIFY2(sameValue(*find(entries[0], "fieldsV1"), wanted),
             serializeJson(entries[0]).c_str());
}

void CustomSchemaTest::convertsVersions() {
    Json two = definition(R"({"type":"object","properties":{"a":{"type":"string"}}})");
    Json& versions = ensurePath(two, "spec.versions");
    versions.get_array().push_back(
        parsed(R"({"name":"v1beta1","served":true,"storage":false,"deprecated":true,"schema":)"
               R"({"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",)"
               R"("properties":{"b":{"type":"string","default":"x"}}}}}}})"));
    const auto family = familyOf(two, 10);
    const KindDef &stable = (*family)[0], &beta = (*family)[1];
    QCOMPARE(stable.deprecationWarning, std::string());
    QCOMPARE(q(beta.deprecationWarning),
             QStringLiteral("sea.example.com/v1beta1 Boat is deprecated; use sea.example.com/v1 "
                            "Boat"));
    QCOMPARE(beta.stored, &stable);
    Json old = boat(R"({"b":"1","a":"2"})");
    setPath(old, "apiVersion", Json("sea.example.com/v1beta1"));
    const Json read = readStoredCustom(stable, old);
    QVERIFY2(sameValue(read, boat("{}")), serializeJson(read).c_str());
}

void CustomSchemaTest::printsColumns() {
    const auto family =
        familyOf(definition(R"({"type":"object","x-kubernetes-preserve-unknown-fields":true})",
                            R"(,"additionalPrinterColumns":[{"name":"Sails","type":"integer",)"
                            R"("jsonPath":".spec.sails"},{"name":"Crew","type":"string",)"
                            R"("jsonPath":".spec.crew"}])"),
                 0);
    const Json row =
        tableRow(family->front(), boat(R"({"sails":3,"crew":["a"]})"), IncludeObject::None, Time{});
    const char* wanted = R"(["b",3,"[\"a\"]"])";
    QCOMPARE(q(serializeJson(*find(row, "cells"))), QString(wanted));
}

void CustomSchemaTest::familiesOutliveTheRegistry() {
    KindRegistry kinds;
    const std::size_t before = kinds.all().size();
    const Json boats = definition(R"({"type":"object"})");
    auto family = familyOf(boats, 0);
    kinds.setFamily("boats.sea.example.com", family, servedKinds(boats, *family));
    const KindDef* kind = kinds.byResource("sea.example.com", "v1", "boats");
    QVERIFY(kind && kinds.byUserName("boat") == kind);
    const std::shared_ptr<const void> held = kind->family.lock();
    family.reset();
    kinds.setFamily("boats.sea.example.com", nullptr, {});
    QCOMPARE(kinds.all().size(), before);
    QVERIFY(!kinds.byResource("sea.example.com", "v1", "boats"));
    QCOMPARE(kind->kind, std::string("Boat"));
}

ORRERY_TEST(CustomSchemaTest)
#include "custom_schema_test.moc"
