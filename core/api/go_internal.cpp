#include "core/api/go_internal.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/api/schema.h"
#include "core/base/line_diff.h"

namespace orrery::api {

namespace {
struct Row {
    // Fields in Go's names; "X=y" where the JSON name is not x, "@metadata" for one whose own
    // fields stand in its place.
    std::string_view type, fields;
};
constexpr Row kRows[] = {
    {"AWSElasticBlockStoreVolumeSource", "VolumeID FSType=fsType Partition ReadOnly"},
    {"Affinity", "NodeAffinity PodAffinity PodAntiAffinity"},
    {"AppArmorProfile", "Type LocalhostProfile"},
    {"AzureDiskVolumeSource",
     "DiskName DataDiskURI=diskURI CachingMode FSType=fsType ReadOnly Kind"},
    {"AzureFileVolumeSource", "SecretName ShareName ReadOnly"},
    {"CSIVolumeSource", "Driver ReadOnly FSType=fsType VolumeAttributes NodePublishSecretRef"},
    {"Capabilities", "Add Drop"},
    {"CephFSVolumeSource", "Monitors Path User SecretFile SecretRef ReadOnly"},
    {"CinderVolumeSource", "VolumeID FSType=fsType ReadOnly SecretRef"},
    {"ClusterTrustBundleProjection", "Name SignerName LabelSelector Optional Path"},
    {"ConfigMapEnvSource", "Name Optional"},
    {"ConfigMapKeySelector", "Name Key Optional"},
    {"ConfigMapProjection", "Name Items Optional"},
    {"ConfigMapVolumeSource", "Name Items DefaultMode Optional"},
    {"Container",
     "Name Image Command Args WorkingDir Ports EnvFrom Env Resources ResizePolicy "
     "RestartPolicy RestartPolicyRules VolumeMounts VolumeDevices LivenessProbe ReadinessProbe "
     "StartupProbe Lifecycle TerminationMessagePath TerminationMessagePolicy ImagePullPolicy "
     "SecurityContext Stdin StdinOnce TTY=tty"},
    {"ContainerPort", "Name HostPort ContainerPort Protocol HostIP"},
    {"ContainerResizePolicy", "ResourceName RestartPolicy"},
    {"ContainerRestartRule", "Action ExitCodes"},
    {"ContainerRestartRuleOnExitCodes", "Operator Values"},
    {"DownwardAPIProjection", "Items"},
    {"DownwardAPIVolumeFile", "Path FieldRef ResourceFieldRef Mode"},
    {"DownwardAPIVolumeSource", "Items DefaultMode"},
    {"EmptyDirVolumeSource", "Medium SizeLimit"},
    {"EnvFromSource", "Prefix ConfigMapRef SecretRef"},
    {"EnvVar", "Name Value ValueFrom"},
    {"EnvVarSource", "FieldRef ResourceFieldRef ConfigMapKeyRef SecretKeyRef FileKeyRef"},
    {"EphemeralContainer",
     "Name Image Command Args WorkingDir Ports EnvFrom Env Resources ResizePolicy "
     "RestartPolicy RestartPolicyRules VolumeMounts VolumeDevices LivenessProbe ReadinessProbe "
     "StartupProbe Lifecycle TerminationMessagePath TerminationMessagePolicy ImagePullPolicy "
     "SecurityContext Stdin StdinOnce TTY=tty TargetContainerName"},
    {"EphemeralVolumeSource", "VolumeClaimTemplate"},
    {"ExecAction", "Command"},
    {"FCVolumeSource", "TargetWWNs Lun FSType=fsType ReadOnly WWIDs=wwids"},
    {"FileKeySelector", "VolumeName Path Key Optional"},
    {"FlexVolumeSource", "Driver FSType=fsType SecretRef ReadOnly Options"},
    {"FlockerVolumeSource", "DatasetName DatasetUUID"},
    {"GCEPersistentDiskVolumeSource", "PDName=pdName FSType=fsType Partition ReadOnly"},
    {"GRPCAction", "Port Service"},
    {"GitRepoVolumeSource", "Repository Revision Directory"},
    {"GlusterfsVolumeSource", "EndpointsName=endpoints Path ReadOnly"},
    {"HTTPGetAction", "Path Port Host Scheme HTTPHeaders=httpHeaders"},
    {"HTTPHeader", "Name Value"},
    {"HostAlias", "IP=ip Hostnames"},
    {"HostPathVolumeSource", "Path Type"},
    {"ISCSIVolumeSource",
     "TargetPortal IQN=iqn Lun ISCSIInterface=iscsiInterface FSType=fsType ReadOnly Portals "
     "DiscoveryCHAPAuth=chapAuthDiscovery SessionCHAPAuth=chapAuthSession SecretRef "
     "InitiatorName"},
    {"ImageVolumeSource", "Reference PullPolicy"},
    {"KeyToPath", "Key Path Mode"},
    {"Lifecycle", "PostStart PreStop StopSignal"},
    {"LifecycleHandler", "Exec HTTPGet=httpGet TCPSocket=tcpSocket Sleep"},
    {"LocalObjectReference", "Name"},
    {"NFSVolumeSource", "Server Path ReadOnly"},
    {"NodeAffinity", "RequiredDuringSchedulingIgnoredDuringExecution "
                     "PreferredDuringSchedulingIgnoredDuringExecution"},
    {"NodeSelector", "NodeSelectorTerms"},
    {"NodeSelectorRequirement", "Key Operator Values"},
    {"NodeSelectorTerm", "MatchExpressions MatchFields"},
    {"ObjectFieldSelector", "APIVersion=apiVersion FieldPath"},
    {"PersistentVolumeClaimSpec",
     "AccessModes Selector Resources VolumeName StorageClassName VolumeMode DataSource "
     "DataSourceRef VolumeAttributesClassName"},
    {"PersistentVolumeClaimTemplate", "@metadata Spec"},
    {"PersistentVolumeClaimVolumeSource", "ClaimName ReadOnly"},
    {"PhotonPersistentDiskVolumeSource", "PdID FSType=fsType"},
    {"PodAffinity", "RequiredDuringSchedulingIgnoredDuringExecution "
                    "PreferredDuringSchedulingIgnoredDuringExecution"},
    {"PodAffinityTerm",
     "LabelSelector Namespaces TopologyKey NamespaceSelector MatchLabelKeys MismatchLabelKeys"},
    {"PodAntiAffinity", "RequiredDuringSchedulingIgnoredDuringExecution "
                        "PreferredDuringSchedulingIgnoredDuringExecution"},
    {"PodDNSConfig", "Nameservers Searches Options"},
    {"PodDNSConfigOption", "Name Value"},
    {"PodIP", "IP=ip"},
    {"PodOS", "Name"},
    {"PodReadinessGate", "ConditionType"},
    {"PodResourceClaim", "Name ResourceClaimName ResourceClaimTemplateName"},
    {"PodSchedulingGate", "Name"},
    {"PodSchedulingGroup", "PodGroupName"},
    {"PodSecurityContext",
     "HostNetwork HostPID HostIPC ShareProcessNamespace HostUsers "
     "SELinuxOptions=seLinuxOptions WindowsOptions RunAsUser RunAsGroup RunAsNonRoot "
     "SupplementalGroups SupplementalGroupsPolicy FSGroup=fsGroup "
     "FSGroupChangePolicy=fsGroupChangePolicy Sysctls SeccompProfile AppArmorProfile "
     "SELinuxChangePolicy=seLinuxChangePolicy"},
    {"PodSpec",
     "Volumes InitContainers Containers EphemeralContainers RestartPolicy "
     "TerminationGracePeriodSeconds ActiveDeadlineSeconds DNSPolicy=dnsPolicy NodeSelector "
     "ServiceAccountName AutomountServiceAccountToken NodeName SecurityContext "
     "ImagePullSecrets Hostname Subdomain SetHostnameAsFQDN Affinity SchedulerName Tolerations "
     "HostAliases PriorityClassName Priority PreemptionPolicy DNSConfig=dnsConfig "
     "ReadinessGates RuntimeClassName Overhead EnableServiceLinks TopologySpreadConstraints "
     "OS=os SchedulingGates ResourceClaims Resources HostnameOverride SchedulingGroup"},
    {"PodTemplateSpec", "@metadata Spec"},
    {"PortworxVolumeSource", "VolumeID FSType=fsType ReadOnly"},
    {"PreferredSchedulingTerm", "Weight Preference"},
    {"Probe",
     "Exec HTTPGet=httpGet TCPSocket=tcpSocket GRPC=grpc InitialDelaySeconds TimeoutSeconds "
     "PeriodSeconds SuccessThreshold FailureThreshold TerminationGracePeriodSeconds"},
    {"ProjectedVolumeSource", "Sources DefaultMode"},
    {"QuobyteVolumeSource", "Registry Volume ReadOnly User Group Tenant"},
    {"RBDVolumeSource",
     "CephMonitors=monitors RBDImage=image FSType=fsType RBDPool=pool RadosUser=user Keyring "
     "SecretRef ReadOnly"},
    {"ResourceClaim", "Name Request"},
    {"ResourceFieldSelector", "ContainerName Resource Divisor"},
    {"ResourceRequirements", "Limits Requests Claims"},
    {"SELinuxOptions", "User Role Type Level"},
    {"ScaleIOVolumeSource",
     "Gateway System SecretRef SSLEnabled=sslEnabled ProtectionDomain StoragePool StorageMode "
     "VolumeName FSType=fsType ReadOnly"},
    {"SeccompProfile", "Type LocalhostProfile"},
    {"SecretEnvSource", "Name Optional"},
    {"SecretKeySelector", "Name Key Optional"},
    {"SecretProjection", "Name Items Optional"},
    {"SecretVolumeSource", "SecretName Items DefaultMode Optional"},
    {"SecurityContext",
     "Capabilities Privileged SELinuxOptions=seLinuxOptions WindowsOptions RunAsUser "
     "RunAsGroup RunAsNonRoot ReadOnlyRootFilesystem AllowPrivilegeEscalation ProcMount "
     "SeccompProfile AppArmorProfile"},
    {"ServiceAccountTokenProjection", "Audience ExpirationSeconds Path"},
    {"SleepAction", "Seconds"},
    {"StorageOSVolumeSource", "VolumeName VolumeNamespace FSType=fsType ReadOnly SecretRef"},
    {"Sysctl", "Name Value"},
    {"TCPSocketAction", "Port Host"},
    {"Toleration", "Key Operator Value Effect TolerationSeconds"},
    {"TopologySpreadConstraint",
     "MaxSkew TopologyKey WhenUnsatisfiable LabelSelector MinDomains NodeAffinityPolicy "
     "NodeTaintsPolicy MatchLabelKeys"},
    {"TypedLocalObjectReference", "APIGroup=apiGroup Kind Name"},
    {"TypedObjectReference", "APIGroup=apiGroup Kind Name Namespace"},
    {"Volume",
     "Name HostPath EmptyDir GCEPersistentDisk=gcePersistentDisk "
     "AWSElasticBlockStore=awsElasticBlockStore GitRepo Secret NFS=nfs ISCSI=iscsi Glusterfs "
     "PersistentVolumeClaim RBD=rbd Quobyte FlexVolume Cinder CephFS=cephfs Flocker "
     "DownwardAPI FC=fc AzureFile ConfigMap VsphereVolume AzureDisk PhotonPersistentDisk "
     "Projected PortworxVolume ScaleIO StorageOS=storageos CSI=csi Ephemeral Image"},
    {"VolumeDevice", "Name DevicePath"},
    {"VolumeMount",
     "Name ReadOnly RecursiveReadOnly MountPath SubPath MountPropagation SubPathExpr"},
    {"VolumeProjection",
     "Secret DownwardAPI ConfigMap ServiceAccountToken ClusterTrustBundle PodCertificate"},
    {"VolumeResourceRequirements", "Limits Requests"},
    {"VsphereVirtualDiskVolumeSource",
     "VolumePath FSType=fsType StoragePolicyName StoragePolicyID"},
    {"WeightedPodAffinityTerm", "Weight PodAffinityTerm"},
    {"WindowsSecurityContextOptions",
     "GMSACredentialSpecName=gmsaCredentialSpecName GMSACredentialSpec=gmsaCredentialSpec "
     "RunAsUserName HostProcess"},
};

struct InternalField {
    std::string goName, name;
};

std::vector<InternalField> parsed(std::string_view fields) {
    std::vector<InternalField> out;
    while (!fields.empty()) {
        const std::size_t space = std::min(fields.find(' '), fields.size());
        const std::string_view one = fields.substr(0, space);
        fields.remove_prefix(std::min(space + 1, fields.size()));
        const std::size_t equals = one.find('=');
        InternalField field{std::string(one.substr(0, equals)), {}};
        if (one.starts_with('@')) {
            field.name = one.substr(1);
            field.goName.clear();
        } else if (equals != std::string_view::npos) {
            field.name = one.substr(equals + 1);
        } else {
            field.name = field.goName;
            field.name[0] = static_cast<char>(field.name[0] - 'A' + 'a');
        }
        out.push_back(std::move(field));
    }
    return out;
}

const std::vector<InternalField>* fieldsOf(std::string_view type) {
    static const auto kByType = [] {
        std::map<std::string, std::vector<InternalField>, std::less<>> all;
        for (const Row& row : kRows)
            all.emplace(std::string(row.type), parsed(row.fields));
        return all;
    }();
    const auto found = kByType.find(type);
    return found == kByType.end() ? nullptr : &found->second;
}

Json convert(const Type& type, const Json& value);

Json zeroOf(const Field& field) {
    if (field.pointer)
        return nullptr;
    switch (field.type->kind) {
    case TypeKind::Struct: // Go writes a struct that is no pointer, and so do we outside
        return field.omitEmpty ? Json() : convert(*field.type, JsonObject());
    case TypeKind::String:
        return "";
    case TypeKind::Bool:
        return false;
    case TypeKind::Int32:
    case TypeKind::Int64:
        return 0;
    default:
        return nullptr;
    }
}

Json sortedMap(const Type* element, const JsonObject& map) {
    std::map<std::string_view, const Json*> byKey;
    for (const auto& member : map)
        byKey.emplace(std::string_view(member.key().data(), member.key().size()), &member.value());
    JsonObject out;
    for (const auto& [key, value] : byKey)
        out[key] = element ? convert(*element, *value) : *value;
    return out;
}

// Inside, a pod's security context holds what stands beside it outside.
Json podContext(const JsonObject& spec) {
    const Json* given = spec.if_contains("securityContext");
    if (!given || !given->is_object())
        return nullptr;
    JsonObject context = given->get_object();
    for (const char* member : {"hostNetwork", "hostPID", "hostIPC"}) {
        const Json* value = spec.if_contains(member);
        context[member] = value ? *value : Json(false);
    }
    for (const char* member : {"shareProcessNamespace", "hostUsers"})
        if (const Json* value = spec.if_contains(member))
            context[member] = *value;
    return context;
}

// metav1's types have their JSON names inside too.
Json convertPlain(const Type& type, const JsonObject& object) {
    JsonObject out;
    for (const auto& member : object) {
        const Field* field = type.field(std::string_view(member.key().data(), member.key().size()));
        out[member.key()] = field ? convert(*field->type, member.value()) : member.value();
    }
    return out;
}

Json convertStruct(const Type& type, const JsonObject& object) {
    const std::vector<InternalField>* fields = fieldsOf(type.goName);
    if (!fields)
        return convertPlain(type, object);
    const Json context = type.goName == "PodSpec" ? podContext(object) : Json();
    JsonObject out;
    for (const InternalField& each : *fields) {
        const Json* given = object.if_contains(each.name);
        if (each.name == "securityContext" && context.is_object())
            given = &context;
        const Field* field = type.field(each.name);
        if (each.goName.empty()) {
            const Json embedded = given && field ? convert(*field->type, *given) : Json();
            if (const JsonObject* inner = embedded.if_object())
                for (const auto& member : *inner)
                    out[member.key()] = member.value();
        } else if (given) {
            out[each.goName] = field ? convert(*field->type, *given) : *given;
        } else {
            out[each.goName] = field ? zeroOf(*field) : Json();
        }
    }
    return out;
}

Json convert(const Type& type, const Json& value) {
    if (const JsonArray* list = value.if_array(); list && type.element) {
        JsonArray out;
        for (const Json& item : *list)
            out.push_back(convert(*type.element, item));
        return out;
    }
    const JsonObject* object = value.if_object();
    if (!object)
        return value;
    return type.kind == TypeKind::Struct ? convertStruct(type, *object)
                                         : sortedMap(type.element, *object);
}
} // namespace

Json goInternal(std::string_view type, const Json& value) {
    if (const JsonArray* list = value.if_array()) {
        JsonArray out;
        for (const Json& item : *list)
            out.push_back(goInternal(type, item));
        return out;
    }
    const Type* known = Schema::builtIn().find("io.k8s.api.core.v1." + std::string(type));
    if (known)
        return convert(*known, value);
    const JsonObject* object = value.if_object();
    return object ? sortedMap(nullptr, *object) : value;
}

namespace {
// An entry a line, one space deeper for each level.
void writePretty(std::string& out, const Json& value, std::size_t depth) {
    const auto line = [&out](std::size_t level) { out.append(1, '\n').append(level, ' '); };
    if (const JsonArray* list = value.if_array(); list && !list->empty()) {
        out += '[';
        for (std::size_t i = 0; i < list->size(); ++i) {
            out += i ? "," : "";
            line(depth + 1);
            writePretty(out, (*list)[i], depth + 1);
        }
        line(depth);
        out += ']';
    } else if (const JsonObject* object = value.if_object(); object && !object->empty()) {
        out += '{';
        bool first = true;
        for (const auto& member : *object) {
            out += first ? "" : ",";
            first = false;
            line(depth + 1);
            out += serializeJson(Json(member.key())) + ": ";
            writePretty(out, member.value(), depth + 1);
        }
        line(depth);
        out += '}';
    } else {
        out += serializeJson(value);
    }
}
} // namespace

std::string goDiff(std::string_view type, const Json& before, const Json& after) {
    std::string a, b;
    writePretty(a, goInternal(type, before), 0);
    writePretty(b, goInternal(type, after), 0);
    return unifiedDiff(a, b);
}

} // namespace orrery::api
