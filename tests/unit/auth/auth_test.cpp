#include "tests/unit/auth/auth_test.h"

#include "core/auth/authenticators.h"
#include "core/auth/bootstrap.h"
#include "core/auth/escalation.h"
#include "core/auth/node_authorizer.h"
#include "core/auth/rbac.h"
#include "core/auth/reviews.h"
#include "core/base/yaml.h"
#include "core/runtime/sim/sim_env.h"
#include "tests/unit/auth/fake_client.h"

using namespace orrery;
using namespace orrery::auth;

namespace {

Json yaml(const char* text) {
    Result<std::vector<YamlDocument>> documents = parseYaml(text);
    if (!documents || documents->size() != 1)
        qFatal("bad YAML in a test: %s", text);
    return std::move((*documents)[0].value);
}

std::string resourceOf(const Json& object) {
    const std::string kind(stringAt(object, "kind"));
    std::string resource;
    for (const char letter : kind)
        resource += static_cast<char>(std::tolower(letter));
    return resource + "s";
}

// A cluster's policy in memory, with the bootstrap roles.
struct Plane {
    explicit Plane(Trace& trace) : world(1, trace), informers(world.env(), client) {
        for (const Json& object : bootstrapObjects())
            client.put(resourceOf(object), object);
        rbac = std::make_unique<RbacAuthorizer>(informers);
        node = std::make_unique<NodeAuthorizer>(informers, lookup);
        chain = std::make_unique<AuthorizerChain>(std::vector<Authorizer*>{node.get(), rbac.get()});
        informers.start();
        world.runPosted();
        const pki::EcKey key = *pki::EcKey::generate(world.env().random, pki::KeySource::Seeded);
        tokens = std::make_unique<pki::ServiceAccountTokens>(
            *pki::ServiceAccountTokens::load(key.privatePem(), pki::KeySource::Seeded));
        authenticator =
            std::make_unique<StandardAuthenticator>(world.env(), *chain, *tokens, lookup);
    }
    void put(const char* text) {
        const Json object = yaml(text);
        client.put(resourceOf(object), object);
        world.runPosted();
    }

    SimEnv world;
    tests::FakeClient client;
    client::InformerFactory informers;
    ObjectLookup lookup = [this](const api::GroupResource& resource, const std::string& namespace_,
                                 const std::string& name) {
        return client.get(resource.resource, namespace_.empty() ? name : namespace_ + "/" + name);
    };
    std::unique_ptr<RbacAuthorizer> rbac;
    std::unique_ptr<NodeAuthorizer> node;
    std::unique_ptr<AuthorizerChain> chain;
    std::unique_ptr<pki::ServiceAccountTokens> tokens;
    std::unique_ptr<StandardAuthenticator> authenticator;
};

UserInfo user(std::string name, std::vector<std::string> groups = {"system:authenticated"}) {
    UserInfo info;
    info.name = std::move(name);
    info.groups = std::move(groups);
    return info;
}

// "get pods/log web -n shop", "list deployments.apps", "get /healthz"
Attributes ask(const UserInfo& who, const QString& question) {
    Attributes attributes;
    attributes.user = who;
    QStringList words = question.split(' ');
    attributes.verb = words.takeFirst().toStdString();
    const int flag = static_cast<int>(words.indexOf("-n"));
    if (flag >= 0) {
        attributes.namespace_ = words[flag + 1].toStdString();
        words.removeAt(flag);
        words.removeAt(flag);
    }
    QString what = words.takeFirst();
    if (what.startsWith('/')) {
        attributes.path = what.toStdString();
        return attributes;
    }
    attributes.resourceRequest = true;
    attributes.subresource = what.section('/', 1).toStdString();
    what = what.section('/', 0, 0);
    attributes.group = what.section('.', 1).toStdString();
    attributes.resource = what.section('.', 0, 0).toStdString();
    if (!words.isEmpty())
        attributes.name = words[0].toStdString();
    return attributes;
}

constexpr const char* kShop = R"(
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: shop}
rules:
- {apiGroups: [""], resources: [pods, pods/log], verbs: [get, list]}
- {apiGroups: [""], resources: [configmaps], resourceNames: [a], verbs: [get]}
- {apiGroups: [apps], resources: ["*/scale"], verbs: ["*"]}
)";
constexpr const char* kShopBinding = R"(
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects:
- {kind: User, apiGroup: rbac.authorization.k8s.io, name: ruth}
- {kind: Group, apiGroup: rbac.authorization.k8s.io, name: devs}
- {kind: ServiceAccount, name: robot, namespace: tools}
)";

} // namespace

ORRERY_TEST(AuthTest)

void AuthTest::bootstrapIsComplete() {
    std::map<std::string, int> kinds;
    std::set<std::string> keys;
    for (const Json& object : bootstrapObjects()) {
        const std::string kind(stringAt(object, "kind"));
        ++kinds[kind];
        keys.insert(kind + " " + std::string(stringAt(object, "metadata.namespace")) + "/" +
                    std::string(stringAt(object, "metadata.name")));
    }
    QCOMPARE(keys.size(), bootstrapObjects().size());
    QCOMPARE(kinds["ClusterRole"], 69);
    QCOMPARE(kinds["ClusterRoleBinding"], 50);
    QCOMPARE(kinds["Role"], 7);
    QCOMPARE(kinds["RoleBinding"], 7);
    QCOMPARE(kinds["Namespace"], 4);
    QCOMPARE(kinds["PriorityClass"], 2);
    QCOMPARE(kinds["FlowSchema"], 11);
    QCOMPARE(kinds["PriorityLevelConfiguration"], 8);
    QVERIFY(keys.count("Service default/kubernetes"));
    QCOMPARE(stringAt(bootstrapObjects().front(), "kind"), std::string_view("Namespace"));
    for (const Json& object : bootstrapObjects())
        for (const char* field : {"uid", "resourceVersion", "creationTimestamp"})
            QVERIFY(find(*find(object, "metadata"), field) == nullptr);
}

void AuthTest::bootstrapAggregates() {
    std::map<std::string, const Json*> roles;
    for (const Json& object : bootstrapObjects())
        if (stringAt(object, "kind") == "ClusterRole")
            roles[std::string(stringAt(object, "metadata.name"))] = &object;
    QCOMPARE(arrayAt(*roles["admin"], "rules").size(), std::size_t(29));
    QCOMPARE(arrayAt(*roles["edit"], "rules").size(), std::size_t(27));
    QCOMPARE(arrayAt(*roles["view"], "rules").size(), std::size_t(12));
    QCOMPARE(serializeJson(*roles["system:basic-user"]),
             std::string(R"({"kind":"ClusterRole","apiVersion":"rbac.authorization.k8s.io/v1",)"
                         R"("metadata":{"name":"system:basic-user","labels":)"
                         R"({"kubernetes.io/bootstrapping":"rbac-defaults"},"annotations":)"
                         R"({"rbac.authorization.kubernetes.io/autoupdate":"true"}},"rules":[)"
                         R"({"verbs":["create"],"apiGroups":["authorization.k8s.io"],)"
                         R"("resources":["selfsubjectaccessreviews","selfsubjectrulesreviews"]},)"
                         R"({"verbs":["create"],"apiGroups":["authentication.k8s.io"],)"
                         R"("resources":["selfsubjectreviews"]}]})"));
}

void AuthTest::decides_data() {
    QTest::addColumn<QString>("who");
    QTest::addColumn<QString>("question");
    QTest::addColumn<QString>("reason"); // "no": refused
    const auto row = [](const char* who, const char* question, const char* reason) {
        QTest::newRow((std::string(who) + " " + question).c_str()) << who << question << reason;
    };
    const char* ruth = "RBAC: allowed by RoleBinding \"readers/shop\" of Role \"reader\" to "
                       "User \"ruth\"";
    row("root,system:masters", "delete nodes x", "");
    row("ruth", "get pods web -n shop", ruth);
    row("ruth", "list pods -n shop", ruth);
    row("ruth", "get pods/log web -n shop", ruth);
    row("ruth", "get pods/exec web -n shop", "no");
    row("ruth", "delete pods web -n shop", "no");
    row("ruth", "get pods web -n other", "no");
    row("ruth", "list pods", "no");
    row("ruth", "get configmaps a -n shop", ruth);
    row("ruth", "get configmaps b -n shop", "no");
    row("ruth", "list configmaps -n shop", "no");
    row("ruth", "update deployments.apps/scale web -n shop", ruth);
    row("ruth", "update deployments.apps web -n shop", "no");
    row("ruth", "update replicationcontrollers/scale web -n shop", "no");
    row("ida,devs", "get pods web -n shop",
        "RBAC: allowed by RoleBinding \"readers/shop\" of Role \"reader\" to Group \"devs\"");
    row("system:serviceaccount:tools:robot", "get pods web -n shop",
        "RBAC: allowed by RoleBinding \"readers/shop\" of Role \"reader\" to ServiceAccount "
        "\"robot/tools\"");
    row("system:serviceaccount:shop:robot", "get pods web -n shop", "no");
    row("ida,system:authenticated", "get /api/v1",
        "RBAC: allowed by ClusterRoleBinding \"system:discovery\" of ClusterRole "
        "\"system:discovery\" to Group \"system:authenticated\"");
    row("ida,system:authenticated", "get /apis", // the first by name
        "RBAC: allowed by ClusterRoleBinding \"system:discovery\" of ClusterRole "
        "\"system:discovery\" to Group \"system:authenticated\"");
    row("system:anonymous,system:unauthenticated", "get /healthz",
        "RBAC: allowed by ClusterRoleBinding \"system:public-info-viewer\" of ClusterRole "
        "\"system:public-info-viewer\" to Group \"system:unauthenticated\"");
    row("system:anonymous,system:unauthenticated", "get /api", "no");
    row("ida,system:authenticated", "get /metrics", "no");
    row("system:kube-scheduler", "create pods/binding -n shop",
        "RBAC: allowed by ClusterRoleBinding \"system:kube-scheduler\" of ClusterRole "
        "\"system:kube-scheduler\" to User \"system:kube-scheduler\"");
}

void AuthTest::decides() {
    QFETCH(QString, who);
    QFETCH(QString, question);
    QFETCH(QString, reason);
    Plane plane(trace_);
    plane.put(kShop);
    plane.put(kShopBinding);
    QStringList names = who.split(',');
    UserInfo info = user(names.takeFirst().toStdString(), {});
    for (const QString& group : names)
        info.groups.push_back(group.toStdString());
    const Decision decision = plane.chain->authorize(ask(info, question));
    QCOMPARE(decision.allowed, reason != "no");
    QCOMPARE(QString::fromStdString(decision.reason), reason == "no" ? "" : reason);
    // The second time from memory.
    QCOMPARE(plane.chain->authorize(ask(info, question)).reason, decision.reason);
}

void AuthTest::changesCountAtOnce() {
    Plane plane(trace_);
    const Attributes question = ask(user("ruth"), "get pods web -n shop");
    QVERIFY(plane.rbac->synced());
    QVERIFY(!plane.rbac->authorize(question).allowed);
    plane.put(kShop);
    QVERIFY(!plane.rbac->authorize(question).allowed);
    plane.put(kShopBinding);
    QVERIFY(plane.rbac->authorize(question).allowed);
    plane.put("{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: reader, "
              "namespace: shop}, rules: []}");
    QVERIFY(!plane.rbac->authorize(question).allowed);
    plane.put(kShop);
    QVERIFY(plane.rbac->authorize(question).allowed);
    plane.client.remove("rolebindings", "shop/readers");
    plane.world.runPosted();
    QVERIFY(!plane.rbac->authorize(question).allowed);
}

void AuthTest::missingRoleIsNamed() {
    Plane plane(trace_);
    plane.put(kShopBinding);
    const Decision decision = plane.chain->authorize(ask(user("ruth"), "get pods -n shop"));
    QVERIFY(!decision.allowed);
    QCOMPARE(decision.reason,
             std::string("RBAC: role.rbac.authorization.k8s.io \"reader\" not found"));
}

void AuthTest::forbiddenTexts_data() {
    QTest::addColumn<QString>("question");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* question, const char* message) {
        QTest::newRow(question) << question << message;
    };
    row("list pods -n shop", "pods is forbidden: User \"alice\" cannot list resource \"pods\" in "
                             "API group \"\" in the namespace \"shop\"");
    row("get pods/log x -n shop",
        "pods \"x\" is forbidden: User \"alice\" cannot get resource \"pods/log\" in API group "
        "\"\" in the namespace \"shop\"");
    row("get nodes x", "nodes \"x\" is forbidden: User \"alice\" cannot get resource \"nodes\" in "
                       "API group \"\" at the cluster scope");
    row("watch deployments.apps -n shop",
        "deployments.apps is forbidden: User \"alice\" cannot watch resource \"deployments\" in "
        "API group \"apps\" in the namespace \"shop\"");
    row("get /metrics", "forbidden: User \"alice\" cannot get path \"/metrics\"");
}

void AuthTest::forbiddenTexts() {
    QFETCH(QString, question);
    QFETCH(QString, message);
    const Attributes attributes = ask(user("alice"), question);
    const Error error = forbidden(attributes, "");
    QCOMPARE(QString::fromStdString(error.message), message);
    QCOMPARE(error.httpCode(), 403);
    QCOMPARE(error.detailsKind, attributes.resource);
    QCOMPARE(error.detailsGroup, attributes.group);
    QCOMPARE(error.detailsName, attributes.name);
    QCOMPARE(QString::fromStdString(forbidden(attributes, "why").message), message + ": why");
}

void AuthTest::nodesMayDoTheirOwn_data() {
    QTest::addColumn<QString>("question");
    QTest::addColumn<QString>("fieldSelector");
    QTest::addColumn<QString>("refusal"); // "": allowed
    const auto row = [](const char* question, const char* selector, const char* refusal) {
        QTest::newRow((std::string(question) + selector).c_str())
            << question << selector << refusal;
    };
    const char* none = "no relationship found between node 'w1' and this object";
    row("get secrets mine -n shop", "", "");
    row("get secrets pull -n shop", "", "");
    row("get secrets other -n shop", "", none);
    row("get secrets mine -n other", "", none);
    row("list secrets -n shop", "", "No Object name found");
    row("get configmaps conf -n shop", "", "");
    row("get configmaps other -n shop", "", none);
    row("get persistentvolumeclaims data -n shop", "", "");
    row("get persistentvolumes disk", "", "");
    row("get persistentvolumes other", "", none);
    row("list persistentvolumes", "", "can only get individual resources of this type");
    row("get serviceaccounts default -n shop", "", "");
    row("create serviceaccounts/token default -n shop", "", "");
    row("create serviceaccounts/token other -n shop", "", none);
    row("get nodes w1", "", "");
    row("get nodes w2", "", "node 'w1' cannot read 'w2', only its own Node object");
    row("list nodes", "", "node 'w1' cannot read all nodes, only its own Node object");
    row("patch nodes/status w1", "", "");
    row("list pods", "", "can only list/watch pods with spec.nodeName field selector");
    row("list pods", "spec.nodeName=w1", "");
    row("watch pods", "spec.nodeName=w2",
        "can only list/watch pods with spec.nodeName field selector");
    row("get pods user -n shop", "", "");
    row("get pods away -n shop", "", none);
    row("patch pods/status user -n shop", "", "");
    row("list services", "", "");
    row("update leases.coordination.k8s.io w1 -n kube-node-lease", "", "");
    row("update leases.coordination.k8s.io w2 -n kube-node-lease", "",
        "can only access node lease with the same name as the requesting node");
    row("get leases.coordination.k8s.io w1 -n shop", "",
        "can only access leases in the \"kube-node-lease\" system namespace");
    row("get csinodes.storage.k8s.io other", "",
        "can only access CSINode with the same name as the requesting node");
    row("create events -n shop", "", "");
}

void AuthTest::nodesMayDoTheirOwn() {
    QFETCH(QString, question);
    QFETCH(QString, fieldSelector);
    QFETCH(QString, refusal);
    Plane plane(trace_);
    plane.put(R"(
apiVersion: v1
kind: Pod
metadata: {name: user, namespace: shop}
spec:
  nodeName: w1
  serviceAccountName: default
  imagePullSecrets: [{name: pull}]
  containers: [{name: app, image: x, envFrom: [{configMapRef: {name: conf}}]}]
  volumes:
  - {name: s, projected: {sources: [{secret: {name: mine}}]}}
  - {name: d, persistentVolumeClaim: {claimName: data}}
)");
    plane.put("{apiVersion: v1, kind: Pod, metadata: {name: away, namespace: shop}, spec: "
              "{nodeName: w2, containers: [{name: app, image: x}]}}");
    plane.put("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: "
              "shop}, spec: {volumeName: disk}}");
    Attributes attributes =
        ask(user("system:node:w1", {"system:nodes", "system:authenticated"}), question);
    attributes.fieldSelector = fieldSelector.toStdString();
    const Decision decision = plane.chain->authorize(attributes);
    QCOMPARE(QString::fromStdString(decision.reason), refusal);
    QCOMPARE(decision.allowed, refusal.isEmpty());
    attributes.user = user("system:node:w1");
    if (attributes.resource != "events")
        QVERIFY(!plane.chain->authorize(attributes).allowed); // not of group system:nodes
}

void AuthTest::escalationIsRefused_data() {
    QTest::addColumn<QString>("rules");
    QTest::addColumn<QString>("missing");
    QTest::newRow("held") << R"([{apiGroups: [""], resources: [pods], verbs: [get]}])"
                          << "";
    QTest::newRow("held by name")
        << R"([{apiGroups: [""], resources: [pods], verbs: [list], resourceNames: [web]}])"
        << "";
    QTest::newRow("one verb more")
        << R"([{apiGroups: [""], resources: [pods], verbs: [get, delete]}])"
        << R"({APIGroups:[""], Resources:["pods"], Verbs:["delete"]})";
    QTest::newRow("two rules")
        << R"([{apiGroups: [""], resources: [pods, secrets], verbs: [get, list]},
               {apiGroups: [apps], resources: [deployments], verbs: [get], resourceNames: [web]}])"
        << R"({APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]})"
           "\n"
           R"({APIGroups:["apps"], Resources:["deployments"], ResourceNames:["web"], Verbs:["get"]})";
    QTest::newRow("everything") << R"([{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}])"
                                << R"({APIGroups:["*"], Resources:["*"], Verbs:["*"]})";
    QTest::newRow("path") << R"([{nonResourceURLs: [/metrics], verbs: [get]}])"
                          << R"({NonResourceURLs:["/metrics"], Verbs:["get"]})";
}

void AuthTest::escalationIsRefused() {
    QFETCH(QString, rules);
    QFETCH(QString, missing);
    Plane plane(trace_);
    plane.put(kShop);
    plane.put(kShopBinding);
    const Json role =
        yaml(("{metadata: {name: more}, rules: " + rules.toStdString() + "}").c_str());
    const UserInfo ruth = user("ruth", {"bosses", "system:authenticated"});
    RbacWrite write{"roles", "shop", "more", &role, nullptr};
    const Result<void> result = checkEscalation(*plane.chain, plane.lookup, ruth, write);
    QCOMPARE(result.has_value(), missing.isEmpty());
    if (!result) {
        QCOMPARE(QString::fromStdString(result.error().message),
                 "roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"ruth\" "
                 "(groups=[\"bosses\" \"system:authenticated\"]) is attempting to grant RBAC "
                 "permissions not currently held:\n" +
                     missing);
        QCOMPARE(result.error().detailsKind, std::string("roles"));
    }
    write.old = &role; // unchanged rules are no escalation
    QVERIFY(checkEscalation(*plane.chain, plane.lookup, ruth, write));
    write.old = nullptr;
    QVERIFY(checkEscalation(*plane.chain, plane.lookup, user("x", {"system:masters"}), write));
}

void AuthTest::roleMayBeBoundByBinders() {
    Plane plane(trace_);
    plane.put(kShop);
    const Json binding = yaml("{metadata: {name: b}, roleRef: {kind: Role, name: reader}}");
    const RbacWrite write{"rolebindings", "shop", "b", &binding, nullptr};
    const UserInfo ruth = user("ruth");
    QVERIFY(!checkEscalation(*plane.chain, plane.lookup, ruth, write));
    plane.put("{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: binder, "
              "namespace: shop}, rules: [{apiGroups: [rbac.authorization.k8s.io], resources: "
              "[roles], resourceNames: [reader], verbs: [bind]}]}");
    plane.put("{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: "
              "binder, namespace: shop}, roleRef: {kind: Role, name: binder}, subjects: [{kind: "
              "User, name: ruth}]}");
    QVERIFY(checkEscalation(*plane.chain, plane.lookup, ruth, write));
    const Json other = yaml("{metadata: {name: b}, roleRef: {kind: Role, name: nothing}}");
    const Result<void> missing = checkEscalation(*plane.chain, plane.lookup, ruth,
                                                 {"rolebindings", "shop", "b", &other, nullptr});
    QVERIFY(!missing);
    QCOMPARE(missing.error().message,
             std::string("roles.rbac.authorization.k8s.io \"nothing\" not found"));
}

void AuthTest::whoIsIt() {
    Plane plane(trace_);
    Credentials nobody;
    const UserInfo anonymous = *plane.authenticator->authenticate(nobody);
    QCOMPARE(anonymous.name, std::string("system:anonymous"));
    QCOMPARE(anonymous.groups, std::vector<std::string>{"system:unauthenticated"});

    Credentials bad;
    bad.bearerToken = "nonsense";
    const Result<UserInfo> refused = plane.authenticator->authenticate(bad);
    QVERIFY(!refused);
    QCOMPARE(refused.error().httpCode(), 401);
    QCOMPARE(refused.error().message, std::string("Unauthorized"));

    Credentials certified = bad; // the certificate wins
    certified.certificateCommonName = "ada";
    certified.certificateOrganizations = {"devs"};
    certified.certificateSha256Hex = "abcd";
    const UserInfo ada = *plane.authenticator->authenticate(certified);
    QCOMPARE(ada.name, std::string("ada"));
    QCOMPARE(ada.groups, (std::vector<std::string>{"devs", "system:authenticated"}));
    QCOMPARE(ada.extra.at("authentication.kubernetes.io/credential-id").front(),
             std::string("X509SHA256=abcd"));
}

void AuthTest::impersonation_data() {
    QTest::addColumn<QString>("as");
    QTest::addColumn<QString>("groups");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* as, const char* groups, const char* expected) {
        QTest::newRow((std::string(as) + " " + groups).c_str()) << as << groups << expected;
    };
    row("alice", "", "system:authenticated");
    row("alice", "devs,ops", "devs,ops,system:authenticated");
    row("alice", "system:unauthenticated", "system:unauthenticated");
    row("alice", "system:authenticated", "system:authenticated");
    row("system:anonymous", "", "system:unauthenticated");
    row("system:serviceaccount:shop:robot", "",
        "system:serviceaccounts,system:serviceaccounts:shop,system:authenticated");
    row("system:serviceaccount:bad", "", "system:authenticated");
    row("", "devs", "400");
}

void AuthTest::impersonation() {
    QFETCH(QString, as);
    QFETCH(QString, groups);
    QFETCH(QString, expected);
    Plane plane(trace_);
    Credentials credentials;
    credentials.certificateCommonName = "root";
    credentials.certificateOrganizations = {"system:masters"};
    credentials.impersonateUser = as.toStdString();
    for (const QString& group : groups.split(',', Qt::SkipEmptyParts))
        credentials.impersonateGroups.push_back(group.toStdString());
    const Result<UserInfo> result = plane.authenticator->authenticate(credentials);
    if (expected == "400") {
        QCOMPARE(result.error().httpCode(), 400);
        return;
    }
    QCOMPARE(QString::fromStdString(result->name), as);
    QStringList found;
    for (const std::string& group : result->groups)
        found << QString::fromStdString(group);
    QCOMPARE(found.join(','), expected);

    credentials.certificateOrganizations = {"devs"};
    const Result<UserInfo> refused = plane.authenticator->authenticate(credentials);
    QCOMPARE(refused.error().httpCode(), 403);
    if (as == "alice")
        QCOMPARE(refused.error().message,
                 std::string("users \"alice\" is forbidden: User \"root\" cannot impersonate "
                             "resource \"users\" in API group \"\" at the cluster scope"));
}

namespace {
constexpr const char* kAccount =
    "{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot, namespace: shop, uid: u1}}";
constexpr const char* kPod =
    "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop, uid: u2}, spec: "
    "{serviceAccountName: robot, nodeName: w1}}";

Result<Json> request(Plane& plane, const std::string& name, const char* body) {
    const UserInfo admin = user("root", {"system:masters"});
    return tokenRequest(
        {*plane.tokens, plane.lookup, admin, plane.world.env().now(), plane.world.env().random},
        "shop", name, yaml(body));
}
} // namespace

void AuthTest::tokensDieWithTheirObjects() {
    Plane plane(trace_);
    plane.put(kAccount);
    plane.put(kPod);
    const Json made = *request(plane, "robot", "{spec: {boundObjectRef: {kind: Pod, name: p}}}");
    Credentials credentials;
    credentials.bearerToken = stringAt(made, "status.token");
    const UserInfo robot = *plane.authenticator->authenticate(credentials);
    QCOMPARE(robot.name, std::string("system:serviceaccount:shop:robot"));
    QCOMPARE(robot.uid, std::string("u1"));
    QCOMPARE(robot.groups,
             (std::vector<std::string>{"system:serviceaccounts", "system:serviceaccounts:shop",
                                       "system:authenticated"}));
    QCOMPARE(robot.extra.at("authentication.kubernetes.io/pod-name").front(), std::string("p"));
    QCOMPARE(robot.extra.at("authentication.kubernetes.io/node-name").front(), std::string("w1"));

    plane.client.remove("pods", "shop/p");
    QVERIFY(!plane.authenticator->authenticate(credentials));
    plane.put(kPod);
    QVERIFY(plane.authenticator->authenticate(credentials));
    plane.put("{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot, namespace: shop, "
              "uid: other}}");
    QVERIFY(!plane.authenticator->authenticate(credentials));
    plane.put(kAccount);
    QVERIFY(plane.authenticator->authenticate(credentials));
    plane.world.advance(std::chrono::seconds(3601));
    QVERIFY(!plane.authenticator->authenticate(credentials));
}

void AuthTest::accessReviews_data() {
    QTest::addColumn<QString>("kind"); // self, any, local
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("expected"); // spec and status, or the error
    const auto row = [](const char* name, const char* kind, const char* spec,
                        const char* expected) { QTest::newRow(name) << kind << spec << expected; };
    row("no", "any", R"({user: x, resourceAttributes: {namespace: s, verb: get, group: "",
                        resource: pods}})",
        R"({"spec":{"resourceAttributes":{"namespace":"s","verb":"get","resource":"pods"},)"
        R"("user":"x"},"status":{"allowed":false}})");
    row("masters", "any", R"({groups: ["system:masters"], resourceAttributes: {verb: get}})",
        R"({"spec":{"resourceAttributes":{"verb":"get"},"groups":["system:masters"]},)"
        R"("status":{"allowed":true}})");
    row("reason", "self", R"({resourceAttributes: {verb: create, group: authorization.k8s.io,
                             resource: selfsubjectaccessreviews}})",
        R"({"spec":{"resourceAttributes":{"verb":"create","group":"authorization.k8s.io",)"
        R"("resource":"selfsubjectaccessreviews"}},"status":{"allowed":true,"reason":)"
        R"("RBAC: allowed by ClusterRoleBinding \"system:basic-user\" of ClusterRole )"
        R"(\"system:basic-user\" to Group \"system:authenticated\""}})");
    row("path", "self", "{nonResourceAttributes: {path: /logs, verb: get}}",
        R"({"spec":{"nonResourceAttributes":{"path":"/logs","verb":"get"}},)"
        R"("status":{"allowed":false}})");
    row("empty attributes", "any", "{user: x, resourceAttributes: {}}",
        R"({"spec":{"resourceAttributes":{},"user":"x"},"status":{"allowed":false}})");
    row("no subject", "any", "{resourceAttributes: {verb: get}}",
        R"(.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of )"
        R"(user or group must be specified)");
    row("nothing asked", "self", "{}",
        R"(.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: )"
        R"(exactly one of nonResourceAttributes or resourceAttributes must be specified)");
    row("both asked", "any",
        "{user: x, resourceAttributes: {verb: get}, nonResourceAttributes: {path: /}}",
        R"(.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: )"
        R"({"Path":"/","Verb":""}: cannot be specified in combination with resourceAttributes)");
    row("other namespace", "local", "{user: x, resourceAttributes: {namespace: default}}",
        R"(.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid )"
        R"(value: "default": must match metadata.namespace)");
    row("local path", "local", "{user: x, nonResourceAttributes: {verb: get, path: /a}}",
        R"(.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: )"
        R"({"Path":"/a","Verb":"get"}: disallowed on this kind of request)");
}

void AuthTest::accessReviews() {
    QFETCH(QString, kind);
    QFETCH(QString, spec);
    QFETCH(QString, expected);
    Plane plane(trace_);
    const Json body = yaml(("{spec: " + spec.toStdString() + "}").c_str());
    const Result<Json> result =
        kind == "self"    ? selfSubjectAccessReview(*plane.chain, user("alice"), body)
        : kind == "local" ? localSubjectAccessReview(*plane.chain, "shop", body)
                          : subjectAccessReview(*plane.chain, body);
    if (!result) {
        QCOMPARE(QString::fromStdString(result.error().message), expected);
        QCOMPARE(result.error().httpCode(), 422);
        return;
    }
    const JsonObject found{{"spec", result->at("spec")}, {"status", result->at("status")}};
    QCOMPARE(QString::fromStdString(serializeJson(found)), expected);
}

void AuthTest::rulesReview() {
    Plane plane(trace_);
    plane.put(kShop);
    plane.put(kShopBinding);
    QCOMPARE(selfSubjectRulesReview(*plane.chain, user("ruth"), yaml("{spec: {}}")).error().message,
             std::string("no namespace on request"));
    const Json review =
        *selfSubjectRulesReview(*plane.chain, user("ruth"), yaml("{spec: {namespace: shop}}"));
    const JsonArray& rules = arrayAt(review, "status.resourceRules");
    QCOMPARE(rules.size(), std::size_t(5)); // two of system:basic-user, three of the role
    QCOMPARE(serializeJson(rules[3]),
             std::string(R"({"verbs":["get"],"apiGroups":[""],"resources":["configmaps"],)"
                         R"("resourceNames":["a"]})"));
    QVERIFY(!boolAt(review, "status.incomplete", true));
    QVERIFY(!arrayAt(review, "status.nonResourceRules").empty());
}

void AuthTest::tokenReviews() {
    Plane plane(trace_);
    plane.put(kAccount);
    const auto review = [&](const std::string& token, const char* audiences) {
        Json body = yaml((std::string("{spec: {audiences: ") + audiences + "}}").c_str());
        setPath(body, "spec.token", Json(token));
        return tokenReview(*plane.authenticator, body);
    };
    QCOMPARE(review("", "[]").error().message,
             std::string("token is required for TokenReview in authentication"));
    QCOMPARE(serializeJson(review("nonsense", "[]")->at("status")),
             std::string(R"({"user":{},"error":"invalid bearer token"})"));
    const std::string token(
        stringAt(*request(plane, "robot", "{spec: {audiences: [vault, api]}}"), "status.token"));
    QCOMPARE(stringAt(*review(token, "[]"), "status.user.username"), std::string_view());
    const Json good = *review(token, "[api, other]");
    QVERIFY(boolAt(good, "status.authenticated"));
    QCOMPARE(serializeJson(good.at("status").at("audiences")), std::string(R"(["api"])"));
    QCOMPARE(stringAt(good, "status.user.uid"), std::string_view("u1"));
}

void AuthTest::tokenRequests_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("expected"); // the spec, or the error
    const auto row = [](const char* name, const char* body, const char* expected) {
        QTest::newRow(body) << name << body << expected;
    };
    row("robot", "{spec: {}}",
        R"({"audiences":["https://kubernetes.default.svc.cluster.local"],)"
        R"("expirationSeconds":3600,"boundObjectRef":null})");
    row("robot", "{spec: {audiences: [vault], expirationSeconds: 600}}",
        R"({"audiences":["vault"],"expirationSeconds":600,"boundObjectRef":null})");
    row("robot", "{spec: {expirationSeconds: 599}}",
        R"(TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid )"
        R"(value: 599: may not specify a duration less than 10 minutes)");
    row("robot", "{spec: {expirationSeconds: 4294967297}}",
        R"(TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid )"
        R"(value: 4294967297: may not specify a duration larger than 2^32 seconds)");
    row("none", "{spec: {}}", R"(serviceaccounts "none" not found)");
    row("robot", "{metadata: {name: other}, spec: {}}",
        R"(TokenRequest.authentication.k8s.io "robot" is invalid: metadata.name: Invalid value: )"
        R"("other": must match the service account name if specified)");
    row("robot", "{spec: {boundObjectRef: {kind: Pod, name: none}}}", R"(pods "none" not found)");
    row("robot", "{spec: {boundObjectRef: {kind: Pod, name: p, uid: u9}}}",
        "Operation cannot be fulfilled on Pod \"p\": the UID in the bound object reference (u9) "
        "does not match the UID in record. The object might have been deleted and then recreated");
    row("default", "{spec: {boundObjectRef: {kind: Pod, name: p}}}",
        R"(cannot bind token for serviceaccount "default" to pod running with different )"
        R"(serviceaccount name.)");
    row("robot", "{spec: {boundObjectRef: {kind: ConfigMap, apiVersion: v1, name: c}}}",
        "cannot bind token to object of type /v1, Kind=ConfigMap");
    row("robot", "{spec: {boundObjectRef: {kind: Pod}}}", "Name parameter required.");
}

void AuthTest::tokenRequests() {
    QFETCH(QString, name);
    QFETCH(QString, body);
    QFETCH(QString, expected);
    Plane plane(trace_);
    plane.put(kAccount);
    plane.put(kPod);
    plane.put("{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: shop, "
              "uid: u3}}");
    const Result<Json> result = request(plane, name.toStdString(), body.toStdString().c_str());
    QCOMPARE(
        QString::fromStdString(result ? serializeJson(result->at("spec")) : result.error().message),
        expected);
    if (result)
        QVERIFY(!stringAt(*result, "status.token").empty());
}
