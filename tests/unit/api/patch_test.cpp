#include "core/api/patch.h"
#include "core/api/selectors.h"
#include "core/api/validation/formats.h"
#include "tests/support/test.h"

using namespace orrery;
using namespace orrery::api;

namespace {
Json json(const char* text) {
    Result<Json> parsed = parseJson(text);
    if (!parsed)
        qFatal("%s in %s", parsed.error().message.c_str(), text);
    return std::move(*parsed);
}

struct Case {
    const char *given, *patch, *expect; // expect "!text": an error with that message
};

void checkResult(const Case& one, const Result<Json>& result) {
    if (one.expect[0] == '!') {
        QVERIFY2(!result, one.patch);
        QCOMPARE(QString::fromStdString(result.error().message), QString(one.expect + 1));
        return;
    }
    QVERIFY2(result, result ? "" : result.error().message.c_str());
    QCOMPARE(QString::fromStdString(serializeJson(*result)),
             QString::fromStdString(serializeJson(json(one.expect))));
}
} // namespace

class PatchTest : public QObject {
    Q_OBJECT
  private slots:
    void jsonPatch();
    void mergePatch();
    void strategicMerge();
    void goFormatting();
};

void PatchTest::jsonPatch() {
    constexpr const char* kHidden =
        "!the server rejected our request due to an error in our request";
    const Case cases[] = {
        {R"({"a":"1"})", R"([{"op":"add","path":"/b","value":"2"}])", R"({"a":"1","b":"2"})"},
        {R"({"a":"1"})", R"([{"op":"replace","path":"/none","value":"x"}])",
         R"({"a":"1","none":"x"})"},
        {R"({"a":"1"})", R"([{"op":"remove","path":"/none"}])", kHidden},
        {R"({"a":"1"})", R"([{"op":"add","path":"/b/c","value":1}])", kHidden},
        {R"({"a":"1"})", R"([{"op":"merge","path":"/a","value":1}])", kHidden},
        {R"({"a":"1"})", R"([null])", kHidden},
        {R"({"a":"1"})", "null", R"({"a":"1"})"},
        {R"({"a":"1"})", R"([{"op":"test","path":"/none","value":null}])", R"({"a":"1"})"},
        {R"({"a":"1"})",
         R"([{"op":"replace","path":"/a","value":"2"},{"op":"test","path":"/a","value":"3"}])",
         kHidden},
        {R"({"a":"1"})",
         R"([{"op":"move","from":"/a","path":"/b"},{"op":"copy","from":"/b","path":"/c"}])",
         R"({"b":"1","c":"1"})"},
        {R"({"a":"1"})", R"([{"op":"copy","from":"/none","path":"/c"}])", R"({"a":"1","c":null})"},
        {R"({"x/y":"1","m~n":"2"})",
         R"([{"op":"replace","path":"/x~1y","value":3},{"op":"remove","path":"/m~0n"}])",
         R"({"x/y":3})"},
        {R"({"l":[1,2]})",
         R"([{"op":"add","path":"/l/-","value":3},{"op":"add","path":"/l/0","value":0}])",
         R"({"l":[0,1,2,3]})"},
        {R"({"l":[1,2]})", R"([{"op":"remove","path":"/l/-1"}])", R"({"l":[1]})"},
        {R"({"l":[1,2]})", R"([{"op":"replace","path":"/l/2","value":3}])", kHidden},
        {R"({})", R"({"a":1})",
         "!error decoding patch: json: cannot unmarshal object into Go value of type "
         "[]handlers.jsonPatchOp"},
        {R"({})", R"([[]])",
         "!error decoding patch: json: cannot unmarshal array into Go value of type "
         "handlers.jsonPatchOp"},
    };
    for (const Case& one : cases)
        checkResult(one, applyJsonPatch(json(one.given), json(one.patch)));
}

void PatchTest::mergePatch() {
    const Case cases[] = {
        {R"({"a":{"b":1,"c":2}})", R"({"a":{"b":null,"d":3}})", R"({"a":{"c":2,"d":3}})"},
        {R"({"a":[1,2]})", R"({"a":[3]})", R"({"a":[3]})"},
        {R"({"a":1})", R"({"b":{"c":null,"d":1}})", R"({"a":1,"b":{"d":1}})"},
        {R"({"a":1})", R"({"a":null,"none":null})", R"({})"},
    };
    for (const Case& one : cases)
        checkResult(one, applyMergePatch(json(one.given), json(one.patch)));
    const KindDef kind;
    const Result<Json> list = applyPatch(kind, PatchType::Merge, json("{}"), json("[]"));
    QVERIFY(!list);
    QCOMPARE(list.error().message,
             std::string("error decoding patch: json: cannot unmarshal array into Go value "
                         "of type map[string]interface {}"));
    QCOMPARE(applyPatch(kind, PatchType::Merge, json("{}"), Json()).error().message,
             std::string("Invalid JSON Patch"));
}

void PatchTest::strategicMerge() {
    const Case cases[] = {
        // Items merge by their key; new ones stand before what only the server has.
        {R"({"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]})",
         R"({"containers":[{"name":"b","image":"2"}]})",
         R"({"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]})"},
        {R"({"containers":[{"name":"a"}]})", R"({"containers":[{"name":"n"}]})",
         R"({"containers":[{"name":"n"},{"name":"a"}]})"},
        {R"({"containers":[{"name":"a"},{"name":"b"}]})",
         R"({"containers":[{"name":"a","$patch":"delete"}]})", R"({"containers":[{"name":"b"}]})"},
        {R"({"containers":[{"name":"a"},{"name":"b"}]})",
         R"({"containers":[{"$patch":"replace"},{"name":"sole"}]})",
         R"({"containers":[{"name":"sole"}]})"},
        // Lists without a merge strategy are replaced.
        {R"({"tolerations":[{"key":"a"}]})", R"({"tolerations":[{"key":"b"}]})",
         R"({"tolerations":[{"key":"b"}]})"},
        {R"({"nodeSelector":{"a":"1","b":"2"}})", R"({"nodeSelector":{"a":null,"c":"3"}})",
         R"({"nodeSelector":{"b":"2","c":"3"}})"},
        {R"({"nodeSelector":{"a":"1"}})", R"({"nodeSelector":{"$patch":"replace","b":"2"}})",
         R"({"nodeSelector":{"b":"2"}})"},
        {R"({"volumes":[{"name":"v","emptyDir":{}}]})",
         R"({"volumes":[{"name":"v","$retainKeys":["name","secret"],"secret":{"secretName":"s"}}]})",
         R"({"volumes":[{"name":"v","secret":{"secretName":"s"}}]})"},
        {R"({"containers":[{"name":"w","env":[{"name":"A"},{"name":"B"},{"name":"C"}]}]})",
         R"({"containers":[{"name":"w","$setElementOrder/env":[{"name":"C"},{"name":"B"},{"name":"A"}]}]})",
         R"({"containers":[{"name":"w","env":[{"name":"C"},{"name":"B"},{"name":"A"}]}]})"},
        {R"({"containers":[{"name":"w","env":[{"name":"A"}]}]})",
         R"({"containers":[{"name":"w","$setElementOrder/env":[{"name":"B"}],"env":[{"name":"E","value":"5"}]}]})",
         "!The order in patch list:\n[map[name:E value:5]]\n doesn't match $setElementOrder "
         "list:\n[map[name:B]]\n"},
        {R"({"containers":[{"name":"a"}]})", R"({"containers":[{"image":"x"}]})",
         "!map: map[image:x] does not contain declared merge key: name"},
        {R"({"containers":[{"name":"a"}]})", R"({"containers":[{"name":"a","$patch":"forget"}]})",
         "!unknown patch type: forget in map: map[$patch:forget name:a]"},
        {R"({"containers":[{"name":"a"}]})", R"({"containers":{"name":"a"}})",
         R"({"containers":{"name":"a"}})"},
    };
    for (const Case& one : cases)
        checkResult(one, applyStrategicMerge("io.k8s.api.core.v1.PodSpec", json(one.given),
                                             json(one.patch)));
    const Case metadata[] = {
        {R"({"finalizers":["a/x","b/x"]})", R"({"finalizers":["c/x"]})",
         R"({"finalizers":["c/x","a/x","b/x"]})"},
        {R"({"finalizers":["a/x","b/x"]})", R"({"$deleteFromPrimitiveList/finalizers":["a/x"]})",
         R"({"finalizers":["b/x"]})"},
        {R"({"finalizers":["c/x","b/x"]})",
         R"({"$setElementOrder/finalizers":["c/x","b/x","d/x"],"finalizers":["d/x"]})",
         R"({"finalizers":["c/x","b/x","d/x"]})"},
        {R"({"labels":{"a":"b"}})", R"({"labels":{"$patch":"delete"}})", R"({"labels":{}})"},
    };
    for (const Case& one : metadata)
        checkResult(one, applyStrategicMerge("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
                                             json(one.given), json(one.patch)));
}

void PatchTest::goFormatting() {
    QCOMPARE(goFormat(json(R"({"b":[1,"x",null],"a":{"c":true}})")),
             std::string("map[a:map[c:true] b:[1 x <nil>]]"));
}
ORRERY_TEST(PatchTest)

class SelectorsTest : public QObject {
    Q_OBJECT
  private slots:
    void labels_data();
    void labels();
    void labelErrors_data();
    void labelErrors();
    void selectorObjects();
    void fields();
};

void SelectorsTest::labels_data() {
    QTest::addColumn<QString>("selector");
    QTest::addColumn<QString>("names");
    const std::pair<const char*, const char*> rows[] = {
        {"", "apple banana cherry date elder"},
        {"color", "apple banana cherry date"},
        {"!color", "elder"},
        {"color=red", "apple cherry"},
        {"color==red", "apple cherry"},
        {"color!=red", "banana date elder"},
        {"color in (red,brown)", "apple cherry date"},
        {"color notin (red,brown)", "banana elder"},
        {"color in (red),size", "apple"},
        {"color=red,!size", "cherry"},
        {"dried=", "date"},
        {"color in ( red , yellow )", "apple banana cherry"},
        {"color=red,color=yellow", ""},
        {"color in ()", ""},
        {"color>1", ""},
        {"weight>5", "banana"},
        {"weight<5", "apple"},
        {"in=x", ""},
    };
    for (const auto& [selector, names] : rows)
        QTest::newRow(selector) << selector << names;
}

void SelectorsTest::labels() {
    QFETCH(QString, selector);
    QFETCH(QString, names);
    const Json fruit = json(R"([
        {"metadata":{"name":"apple","labels":{"color":"red","size":"s","weight":"3"}}},
        {"metadata":{"name":"banana","labels":{"color":"yellow","size":"l","weight":"7"}}},
        {"metadata":{"name":"cherry","labels":{"color":"red"}}},
        {"metadata":{"name":"date","labels":{"color":"brown","dried":""}}},
        {"metadata":{"name":"elder"}}])");
    const Result<LabelFilter> filter = LabelFilter::parse(selector.toStdString());
    QVERIFY2(filter, filter ? "" : filter.error().message.c_str());
    QStringList found;
    for (const Json& one : fruit.get_array())
        if (filter->matches(one))
            found << QString::fromStdString(std::string(stringAt(one, "metadata.name")));
    QCOMPARE(found.join(' '), names);
    const Result<LabelFilter> again = LabelFilter::parse(filter->text());
    QVERIFY(again);
    QCOMPARE(again->text(), filter->text());
}

void SelectorsTest::labelErrors_data() {
    QTest::addColumn<QString>("selector");
    QTest::addColumn<QString>("message");
    const std::pair<const char*, const char*> rows[] = {
        {"color=a b", "found 'b', expected: ',' or 'end of string'"},
        {"=red", "found '=', expected: !, identifier, or 'end of string'"},
        {"color=red,", "found '', expected: identifier after ','"},
        {",color=red", "found ',', expected: !, identifier, or 'end of string'"},
        {"color in red", "unable to parse requirement: found 'red' expected: '('"},
        {"!!", "unable to parse requirement: found '!', expected: identifier"},
        {"color=-red", "unable to parse requirement: values[0][color]: Invalid value: \"-red\": a "
                       "valid label must be an empty string "
                       "or consist of alphanumeric characters, '-', '_' or '.', and must start and "
                       "end with an alphanumeric character "
                       "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
                       "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"},
        {"a/b/c=d", "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a valid label "
                    "key must consist of alphanumeric "
                    "characters, '-', '_' or '.', and must start and end with an alphanumeric "
                    "character (e.g. 'MyName',  or "
                    "'my.name',  or '123-abc', regex used for validation is "
                    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an "
                    "optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"},
    };
    for (const auto& [selector, message] : rows)
        QTest::newRow(selector) << selector << message;
}

void SelectorsTest::labelErrors() {
    QFETCH(QString, selector);
    QFETCH(QString, message);
    const Result<LabelFilter> filter = LabelFilter::parse(selector.toStdString());
    QVERIFY(!filter);
    QCOMPARE(QString::fromStdString(filter.error().message), message);
    QCOMPARE(filter.error().reason, Reason::BadRequest);
}

void SelectorsTest::selectorObjects() {
    const Json web = json(R"({"metadata":{"labels":{"app":"web"}}})");
    QVERIFY(!LabelFilter::fromObject(Json())->matches(web));
    QVERIFY(LabelFilter::fromObject(json("{}"))->matches(web));
    const auto matches = [&](const char* text) {
        return LabelFilter::fromObject(json(text))->matches(web);
    };
    QVERIFY(matches(R"({"matchLabels":{"app":"web"}})"));
    QVERIFY(!matches(R"({"matchLabels":{"app":"web","tier":"x"}})"));
    QVERIFY(
        matches(R"({"matchExpressions":[{"key":"app","operator":"In","values":["a","web"]}]})"));
    QVERIFY(matches(R"({"matchExpressions":[{"key":"old","operator":"DoesNotExist"}]})"));
    QVERIFY(
        !LabelFilter::fromObject(json(R"({"matchExpressions":[{"key":"a","operator":"Near"}]})")));
}

void SelectorsTest::fields() {
    KindDef pod;
    pod.kind = "Pod";
    pod.selectableFields = {"spec.nodeName", "status.phase", "spec.hostNetwork", "status.podIP"};
    const Json object = json(
        R"({"metadata":{"name":"p-a","namespace":"d"},"spec":{"nodeName":"n1"},"status":{"phase":"Pending"}})");
    const auto matches = [&](const char* text) {
        const Result<FieldFilter> filter = FieldFilter::parse(pod, text);
        return filter && filter->matches(object);
    };
    QVERIFY(matches(""));
    QVERIFY(matches("spec.nodeName=n1"));
    QVERIFY(!matches("spec.nodeName=,status.phase=Pending"));
    QVERIFY(matches("spec.nodeName!=,metadata.name==p-a"));
    QVERIFY(matches("spec.hostNetwork=false"));
    QVERIFY(matches("status.podIP="));
    QCOMPARE(FieldFilter::parse(pod, "metadata.name=p-a")->exactly("metadata.name").value_or(""),
             std::string("p-a"));
    QCOMPARE(FieldFilter::parse(pod, "spec.priority=0").error().message,
             std::string("field label not supported: spec.priority"));
    QCOMPARE(FieldFilter::parse(pod, "=x").error().message,
             std::string("field label not supported: "));
    QCOMPARE(FieldFilter::parse(pod, "type").error().message,
             std::string("invalid selector: 'type'; can't understand 'type'"));
    KindDef map;
    map.kind = "ConfigMap";
    QCOMPARE(FieldFilter::parse(map, "data.k=v").error().message,
             std::string("\"data.k\" is not a known field selector: only \"metadata.name\", "
                         "\"metadata.namespace\""));
}
ORRERY_TEST(SelectorsTest)
#include "patch_test.moc"
